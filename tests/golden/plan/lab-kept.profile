# tree: lab-kept
[vm]
memory = 256M
accel = tcg
firmware = bios
[gpu]
device = 1234:1111
