[vm]
memory = 4G
cpus = two

[gpu]
device = 0000:01:00.0
