memory = 4G
cpus = 2
[vm]
memory = 4G

[gpu]
device = 0000:01:00.0
