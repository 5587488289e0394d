[vm]
memory = 4G
cpus = 8
threads = 2
dies = 3

[gpu]
device = 0000:01:00.0
