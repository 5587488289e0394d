[vm]
memory = 4G
user = 1000:1000

[gpu]
device = 0000:01:00.0
