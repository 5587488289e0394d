[vm]
memory = 4G
firmware = OVMF_CODE.fd

[gpu]
device = 0000:01:00.0
