[vm]
memory = 4G
hugepages = 1048576kB

[gpu]
device = 0000:01:00.0
