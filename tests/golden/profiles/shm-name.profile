[vm]
memory = 4G

[shm]
name = ../x

[shm]
size = 2M
