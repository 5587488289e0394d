[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[share]
path = /a
tag = a

[share]
path = /b
tag = b
