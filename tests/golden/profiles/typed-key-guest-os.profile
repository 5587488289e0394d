[vm]
memory = 4G
guest_os = windows

[gpu]
device = 0000:01:00.0
