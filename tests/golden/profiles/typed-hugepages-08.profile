[vm]
memory = 4G
hugepages = disabled

[gpu]
device = 0000:01:00.0
