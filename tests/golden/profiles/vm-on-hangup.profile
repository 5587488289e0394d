[vm]
memory = 4G
on-hangup = quit

[gpu]
device = 0000:01:00.0
