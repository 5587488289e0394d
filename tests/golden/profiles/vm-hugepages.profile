[vm]
memory = 4G
hugepages = 2M

[gpu]
device = 0000:01:00.0
