[vm]
memory = lots

[gpu]
device = 0000:01:00.0
