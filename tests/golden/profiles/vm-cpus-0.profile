[vm]
memory = 4G
cpus = 0

[gpu]
device = 0000:01:00.0
