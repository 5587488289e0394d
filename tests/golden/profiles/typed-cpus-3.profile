[vm]
memory = 4G
cpus = four

[gpu]
device = 0000:01:00.0
