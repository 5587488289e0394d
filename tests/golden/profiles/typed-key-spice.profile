[vm]
memory = 4G
spice = on

[gpu]
device = 0000:01:00.0
