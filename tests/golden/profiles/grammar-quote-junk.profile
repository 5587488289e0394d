[vm]
memory = 4G
name = "win" 10

[gpu]
device = 0000:01:00.0
