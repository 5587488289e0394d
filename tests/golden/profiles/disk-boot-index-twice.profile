[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[disk]
path = /a.raw
boot-index = 1

[disk]
path = /b.raw
boot-index = 1
