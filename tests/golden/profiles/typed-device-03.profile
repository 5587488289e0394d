[vm]
memory = 4G

[gpu]
device = 0000:1:0.0
