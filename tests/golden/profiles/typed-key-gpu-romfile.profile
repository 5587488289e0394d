[vm]
memory = 4G

[gpu]
host = 01:00.0
romfile = /x.rom
x-vga = on
multifunction = on
