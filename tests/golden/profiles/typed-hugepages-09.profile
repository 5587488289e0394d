[vm]
memory = 4G
hugepages = 2MB

[gpu]
device = 0000:01:00.0
