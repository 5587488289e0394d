[vm]
memory = 4G
args = -s

[gpu]
device = 0000:01:00.0
