# tree: server-switches
[vm]
memory = 64G
[gpu]
device = 19:00.0
id = 1234:5678
[pci]
device = 3b:00.1
id = 144d:a808
[pci]
device = ff:00.0
[pci]
device = 5a:00.0
id = 15b3:1018
[pci]
device = abcd:1234
[pci]
device = 3b:00.2
id = 15b3:9999
