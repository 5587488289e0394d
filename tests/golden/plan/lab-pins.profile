# tree: lab-dgpu
[vm]
memory = 1G
cpus = 4
threads = 2
pin = 4,12,5,13
emulator-pin = 0-1
firmware = bios
[gpu]
device = 0000:01:00.0
