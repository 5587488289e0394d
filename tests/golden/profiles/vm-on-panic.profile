[vm]
memory = 4G
on-panic = fail

[gpu]
device = 0000:01:00.0
