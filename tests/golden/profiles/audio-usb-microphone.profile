[vm]
memory = 4G

[audio]
card = usb
microphone = yes
