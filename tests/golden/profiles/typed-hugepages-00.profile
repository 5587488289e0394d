[vm]
memory = 4G
hugepages = on

[gpu]
device = 0000:01:00.0
