[vm]
memory = 4G
hyperv = true

[gpu]
device = 0000:01:00.0
