[vm]
memory = 4G
shutdown-timeout = s

[gpu]
device = 0000:01:00.0
