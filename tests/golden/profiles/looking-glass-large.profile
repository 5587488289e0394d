[vm]
memory = 4G

[looking-glass]
resolution = 16384x16384
device = /dev/shm/looking-glass
