[vm]
memory = 4G
pin = 4, 5

[gpu]
device = 0000:01:00.0
