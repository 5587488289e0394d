[vm]
memory = 4G
colour = blue

[gpu]
device = 0000:01:00.0
