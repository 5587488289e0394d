[vm]
ram = 4G

[gpu]
device = 0000:01:00.0
