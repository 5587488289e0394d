# tree: desktop-arc
[vm]
memory = 1G
firmware = bios
[gpu]
device = 0c:00.0
group = all
