[vm]
memory = 4G
shutdown-timeout = 0s

[gpu]
device = 0000:01:00.0
