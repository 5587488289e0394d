[vm]
memory = 4G
firmware = secureboot

[gpu]
device = 0000:01:00.0
