[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[usb]
device = 1-2.3.4.5.6.7.8.9
