[vm]
memory = 4G

[gpu]
device = card

[gpu]
device = card
