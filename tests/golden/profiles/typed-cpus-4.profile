[vm]
memory = 4G
cpus = $CPUS

[gpu]
device = 0000:01:00.0
