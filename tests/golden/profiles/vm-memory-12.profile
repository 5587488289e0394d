[vm]
memory = 18446744073709551616K

[gpu]
device = 0000:01:00.0
