[vm]
memory = 4G
cpu = host, +x

[gpu]
device = 0000:01:00.0
