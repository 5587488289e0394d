[vm]
name = a
memory = 1024K
cpus = 1

[gpu]
device = 0000:01:00.0
