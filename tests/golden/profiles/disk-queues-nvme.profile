[vm]
memory = 4G

[display]
type = none

[disk]
path = /a.raw
bus = nvme
queues = 4
