[vm]
memory = 4G
cpus = 4,threads=2

[gpu]
device = 0000:01:00.0
