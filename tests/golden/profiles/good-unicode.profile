[vm]
memory = 4G # größer ist besser

[gpu]
device = 0000:01:00.0

[disk]
path = /vms/größe €.raw
