[vm]
memory = 4G
shutdown-timeout = 2 min

[gpu]
device = 0000:01:00.0
