[vm]
memory = 4G
smbios = host

[gpu]
device = 0000:01:00.0
