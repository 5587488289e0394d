[vm]
memory = 4G
accel = hvf

[gpu]
device = 0000:01:00.0
