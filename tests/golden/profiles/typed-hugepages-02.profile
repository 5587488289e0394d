[vm]
memory = 4G
hugepages = 1

[gpu]
device = 0000:01:00.0
