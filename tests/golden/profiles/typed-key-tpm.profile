[vm]
memory = 4G
tpm = on

[gpu]
device = 0000:01:00.0
