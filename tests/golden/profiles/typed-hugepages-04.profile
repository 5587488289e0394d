[vm]
memory = 4G
hugepages = yes please

[gpu]
device = 0000:01:00.0
