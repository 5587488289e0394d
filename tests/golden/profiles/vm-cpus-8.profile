[vm]
memory = 4G
cpus = 4294967298

[gpu]
device = 0000:01:00.0
