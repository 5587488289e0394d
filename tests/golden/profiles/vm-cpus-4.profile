[vm]
memory = 4G
cpus = 2.0

[gpu]
device = 0000:01:00.0
