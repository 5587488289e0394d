[vm]
memory = 4G
cpus = 9
threads = 9

[gpu]
device = 0000:01:00.0
