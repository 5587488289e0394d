[vm]
memory = 4G
shutdown_timeout = 60s

[gpu]
device = 0000:01:00.0
