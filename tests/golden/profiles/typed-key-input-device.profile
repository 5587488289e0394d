[vm]
memory = 4G

[input]
device = /dev/input/event3

[gpu]
device = 0000:01:00.0
sound = yes
