[vm]
memory = 4G
cpus = 4
affinity = 4-11

[gpu]
device = 0000:01:00.0
