[vm]
memory = 4G
accel = tcg
hide-hypervisor = yes

[gpu]
device = 0000:01:00.0
