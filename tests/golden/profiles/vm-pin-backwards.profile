[vm]
memory = 4G
pin = 5-4

[gpu]
device = 0000:01:00.0
