[vm]
memory = 4G
hugepages = Yes

[gpu]
device = 0000:01:00.0
