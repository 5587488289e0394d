[vm]
memory = 4G

[gpu]
device = 10de:xyz0
