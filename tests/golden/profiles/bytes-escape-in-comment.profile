[vm]
memory = 4G # ]0;title

[gpu]
device = 0000:01:00.0
