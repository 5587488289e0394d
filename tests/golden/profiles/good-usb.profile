[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[usb]
device = 046d:c52b
