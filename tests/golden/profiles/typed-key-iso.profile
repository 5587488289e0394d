[vm]
memory = 4G
iso = /a.iso

[gpu]
device = 0000:01:00.0
