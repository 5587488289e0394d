[vm]
memory = 4G

[gpu]
device = 01:00.0,pcie=1,x-vga=1
