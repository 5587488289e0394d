[vm]
memory = 4G
shutdown-timeout = 3601s

[gpu]
device = 0000:01:00.0
