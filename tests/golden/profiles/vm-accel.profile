[vm]
memory = 4G
accel = KVM

[gpu]
device = 0000:01:00.0
