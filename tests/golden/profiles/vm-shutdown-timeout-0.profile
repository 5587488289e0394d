[vm]
memory = 4G
shutdown-timeout = 60

[gpu]
device = 0000:01:00.0
