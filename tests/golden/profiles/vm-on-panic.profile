[vm]
memory = 4G
on-panic = halt

[gpu]
device = 0000:01:00.0
