[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[input]
evdev = /dev/input/event3
grab-toggle = ctrl+ctrl
