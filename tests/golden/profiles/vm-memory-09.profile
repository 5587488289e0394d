[vm]
memory = 1023K

[gpu]
device = 0000:01:00.0
