[vm]
memory = 4G

[gpu]
device = 0000:0A:1F.7
id = 10DE:2486
