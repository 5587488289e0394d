[vm]
memory = 4G
shutdown-timeout = 500ms

[gpu]
device = 0000:01:00.0
