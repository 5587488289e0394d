[vm]
memory = 4G

[gpuÿ]
device = card

[disk]
bus = isa
