[vm]
memory = 4G
hyperv = yes

[gpu]
device = 0000:01:00.0
