[vm]
memory = 4G
cpus = 4
pin = 7,6,5,4
emulator-pin = 0-1
iothread-pin = 2

[gpu]
device = 0000:01:00.0
