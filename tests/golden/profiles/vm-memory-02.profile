[vm]
memory = 4GiB

[gpu]
device = 0000:01:00.0
