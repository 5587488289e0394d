[vm]
memory = 4G
cpus = all

[gpu]
device = 0000:01:00.0
