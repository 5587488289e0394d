[vm]
memory = 4G
name = [31mred

[gpu]
device = 0000:01:00.0
