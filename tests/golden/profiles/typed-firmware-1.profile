[vm]
memory = 4G
firmware = seabios

[gpu]
device = 0000:01:00.0
