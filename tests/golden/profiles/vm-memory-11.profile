[vm]
memory = 99999999999999999999G

[gpu]
device = 0000:01:00.0
