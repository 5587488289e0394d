[vm]
memory = 4G
cpus = 4
pin = 4-5

[gpu]
device = 0000:01:00.0
