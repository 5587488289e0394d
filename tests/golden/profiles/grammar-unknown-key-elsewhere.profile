[vm]
memory = 4G
path = /vms/win10.qcow2

[gpu]
device = 0000:01:00.0
