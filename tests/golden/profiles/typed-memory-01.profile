[vm]
memory = 16 GiB

[gpu]
device = 0000:01:00.0
