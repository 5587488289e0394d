[vm]
memory = 4G

[looking-glass]
resolution = 1920x1080
size = 64M
