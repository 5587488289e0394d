[vm]
memory = 4G
cpu = "a\\b\"c d"

[gpu]
device = 0000:01:00.0
