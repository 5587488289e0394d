[vm]
memory = 4G
hugepages = true

[gpu]
device = 0000:01:00.0
