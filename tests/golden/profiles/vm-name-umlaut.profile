[vm]
memory = 4G
name = wörk

[gpu]
device = 0000:01:00.0
