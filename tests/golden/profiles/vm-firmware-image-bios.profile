[vm]
memory = 4G
firmware = bios
firmware-image = /CODE.fd
nvram = /VARS.fd
[gpu]
device = 01:00.0
