[vm]
memory = 4G

[gpu]
device = /dev/dri/card0
