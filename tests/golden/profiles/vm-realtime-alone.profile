[vm]
memory = 4G
cpus = 2
pin = 4-5
emulator-pin = 0
realtime = yes

[gpu]
device = 0000:01:00.0
