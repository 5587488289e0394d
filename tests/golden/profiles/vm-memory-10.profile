[vm]
memory = 17T

[gpu]
device = 0000:01:00.0
