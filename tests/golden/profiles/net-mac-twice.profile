[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[net]
mac = 52:54:00:12:34:56

[net]
mac = 52:54:00:12:34:56
