[vm]
memory = 4G

[gpu]
device = PCI\VEN_10DE&DEV_2486&SUBSYS_00000000
