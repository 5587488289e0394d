[vm]
memory = 4G
sandbox = off

[gpu]
device = 0000:01:00.0
