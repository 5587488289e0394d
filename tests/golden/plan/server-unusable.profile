# tree: server-switches
[vm]
memory = 64G
[gpu]
device = 5f:00.0
[pci]
device = 3b:00.0
[pci]
device = 5e:00.0
[pci]
device = 18:08.0
