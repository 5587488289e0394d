[vm]
memory = 4G
cpu = host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,host,é,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx

[gpu]
device = 0000:01:00.0
