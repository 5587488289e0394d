[vm]
memory = 4G
cpu = host#fast
cpus = 2#two

[gpu]
device = 0000:01:00.0
