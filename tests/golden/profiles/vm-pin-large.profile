[vm]
memory = 4G
pin = 0,8192

[gpu]
device = 0000:01:00.0
