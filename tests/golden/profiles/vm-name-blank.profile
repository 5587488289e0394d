[vm]
memory = 4G
name = Windows 10

[gpu]
device = 0000:01:00.0
