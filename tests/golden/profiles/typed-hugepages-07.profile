[vm]
memory = 4G
hugepages = 0

[gpu]
device = 0000:01:00.0
