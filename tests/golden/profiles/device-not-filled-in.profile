[vm]
memory = 4G

[gpu]
device = PUT-ADDRESS-HERE
