# tree: apu-shared
[vm]
memory = 4G
[gpu]
device = 05:00.0
group = all
