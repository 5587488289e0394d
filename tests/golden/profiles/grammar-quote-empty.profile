[vm]
memory = 4G
name = ""

[gpu]
device = 0000:01:00.0
