[vm]
memory = 4G
vcpus = 4

[gpu]
device = 0000:01:00.0
