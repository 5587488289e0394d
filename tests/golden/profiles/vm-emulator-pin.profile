[vm]
memory = 4G
emulator-pin = 0-1

[gpu]
device = 0000:01:00.0
