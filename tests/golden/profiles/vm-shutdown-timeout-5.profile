[vm]
memory = 4G
shutdown-timeout = 60sec

[gpu]
device = 0000:01:00.0
