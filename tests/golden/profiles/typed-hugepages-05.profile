[vm]
memory = 4G
hugepages = off

[gpu]
device = 0000:01:00.0
