# tree: one-group
[vm]
memory = 1G
[gpu]
device = 02:01.0
