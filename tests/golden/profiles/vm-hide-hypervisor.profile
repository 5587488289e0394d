[vm]
memory = 4G
hide-hypervisor = yes

[gpu]
device = 0000:01:00.0
