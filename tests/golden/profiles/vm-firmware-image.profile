[vm]
memory = 4G
firmware-image = /CODE.fd
[gpu]
device = 01:00.0
