# tree: lab-dgpu
[vm]
memory = 1G
cpus = 4
affinity = 4-7,12-15
iothread-pin = 2
firmware = bios
[gpu]
device = 0000:01:00.0
