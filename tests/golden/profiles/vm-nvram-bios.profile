[vm]
memory = 4G
firmware = bios
nvram = /vms/VARS.fd

[gpu]
device = 0000:01:00.0
