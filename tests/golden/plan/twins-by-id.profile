# tree: twins
[vm]
memory = 1G
[gpu]
device = 1234:1111
