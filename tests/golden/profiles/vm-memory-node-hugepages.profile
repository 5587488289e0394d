[vm]
memory = 4G
memory-node = 0
hugepages = 2M

[gpu]
device = 0000:01:00.0
