[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[graphics]
device = 0000:02:00.0
