[vm]
memory = 4G
shutdown-timeout = 1m

[gpu]
device = 0000:01:00.0
