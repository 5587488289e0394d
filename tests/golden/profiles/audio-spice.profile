[vm]
memory = 4G

[audio]
backend = spice
