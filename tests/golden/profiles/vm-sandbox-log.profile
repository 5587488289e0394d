[vm]
memory = 4G
sandbox = log

[gpu]
device = 0000:01:00.0
