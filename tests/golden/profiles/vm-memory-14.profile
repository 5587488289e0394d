[vm]
memory = 4G,slots=2

[gpu]
device = 0000:01:00.0
