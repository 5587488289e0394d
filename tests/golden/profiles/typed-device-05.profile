[vm]
memory = 4G

[gpu]
device = host=01:00.0
