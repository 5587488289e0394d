[vm]
memory = 4G

[looking-glass]
resolution = 1920*1080
device = /dev/kvmfr
