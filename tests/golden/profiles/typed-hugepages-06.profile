[vm]
memory = 4G
hugepages = FALSE

[gpu]
device = 0000:01:00.0
