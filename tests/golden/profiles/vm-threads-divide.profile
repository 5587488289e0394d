[vm]
memory = 4G
cpus = 6
threads = 4

[gpu]
device = 0000:01:00.0
