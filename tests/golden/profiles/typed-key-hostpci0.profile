[vm]
memory = 4G
hostpci0 = 01:00

[gpu]
device = 0000:01:00.0
