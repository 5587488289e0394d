[vm]
memory = 4G
accel = tcg
hyperv = yes

[gpu]
device = 0000:01:00.0
