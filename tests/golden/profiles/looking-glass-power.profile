[vm]
memory = 4G

[looking-glass]
size = 48M

[shm]
name = scream
size = 3M
