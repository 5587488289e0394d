[vm]
memory = $MEM

[gpu]
device = 0000:01:00.0
