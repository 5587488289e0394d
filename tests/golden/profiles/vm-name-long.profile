[vm]
memory = 4G
name = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

[gpu]
device = 0000:01:00.0
