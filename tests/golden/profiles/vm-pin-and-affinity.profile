[vm]
memory = 4G
cpus = 2
pin = 4-5
affinity = 4-7

[gpu]
device = 0000:01:00.0
