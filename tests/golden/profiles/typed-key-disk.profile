[vm]
memory = 4G
disk = /a.raw

[gpu]
device = 0000:01:00.0
