[vm]
memory = 4G
smp = 4,cores=2

[gpu]
device = 0000:01:00.0
