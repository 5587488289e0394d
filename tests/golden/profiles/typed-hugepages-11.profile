[vm]
memory = 4G
hugepages = maybe

[gpu]
device = 0000:01:00.0
