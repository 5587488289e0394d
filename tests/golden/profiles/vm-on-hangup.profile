[vm]
memory = 4G
on-hangup = stop

[gpu]
device = 0000:01:00.0
