# “win” — a VM
[vm]
memory = 4G # “quotes”

[gpu]
device = 0000:01:00.0

[disk]
path = "/vms/“win” 10.raw"
