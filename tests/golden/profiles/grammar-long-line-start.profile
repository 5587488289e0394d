[vm]
memory = 4G
cpuz = host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,

[gpu]
device = 0000:01:00.0
