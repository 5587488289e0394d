[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[input]
evdev = /dev/input/by-id/x-event-kbd
