[vm]
memory = 4G
machine = q35,smm=on

[gpu]
device = 0000:01:00.0
