[vm]
memory = 4G
user = root

[gpu]
device = 0000:01:00.0
