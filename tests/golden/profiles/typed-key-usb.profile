[vm]
memory = 4G
usb = 046d:c52b

[gpu]
device = 0000:01:00.0
