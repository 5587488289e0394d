# tree: navi
[vm]
memory = 256M
accel = tcg
firmware = bios
[gpu]
device = 0000:01:00.0
reset = bus
