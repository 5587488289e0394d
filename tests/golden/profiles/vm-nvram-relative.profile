[vm]
memory = 4G
nvram = VARS.fd

[gpu]
device = 0000:01:00.0
