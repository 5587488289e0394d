[vm]
memory = 4G
sockets = 1

[gpu]
device = 0000:01:00.0
