[vm]
memory = 4G
name = "win"# ten

[gpu]
device = 0000:01:00.0
