[vm]
memory = 1G
[gpu]
device = 01:00.0
reset = bus reset
