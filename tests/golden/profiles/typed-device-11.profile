[vm]
memory = 4G

[gpu]
device = [10DE:2486]
