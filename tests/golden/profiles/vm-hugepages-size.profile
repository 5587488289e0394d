[vm]
memory = 4G
hugepages = 4M

[gpu]
device = 0000:01:00.0
