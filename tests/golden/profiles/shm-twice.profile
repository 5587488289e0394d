[vm]
memory = 4G

[looking-glass]

[shm]
name = looking-glass
size = 2M

[shm]
name = scream
size = 2M

[shm]
name = scream
size = 4M
