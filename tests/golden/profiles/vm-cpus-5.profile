[vm]
memory = 4G
cpus = 0x2

[gpu]
device = 0000:01:00.0
