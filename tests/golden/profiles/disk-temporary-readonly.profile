[vm]
memory = 1G
[disk]
path = /vms/a.raw
readonly = yes
temporary = yes
