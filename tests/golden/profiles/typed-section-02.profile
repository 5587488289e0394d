[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[gpu 0]
device = 0000:02:00.0
