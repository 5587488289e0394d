# tree: lab-dgpu
[vm]
memory = 1G
cpus = 4
pin = 4-7
emulator-pin = 0-1
iothread-pin = 2
realtime = yes
firmware = bios
[gpu]
device = 0000:01:00.0
[host]
isolate-cpus = yes
inhibit = shutdown
