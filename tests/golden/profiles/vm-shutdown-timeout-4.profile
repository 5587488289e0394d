[vm]
memory = 4G
shutdown-timeout = 60 s

[gpu]
device = 0000:01:00.0
