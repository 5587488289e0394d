[vm]
name = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
memory = 16T
cpus = 1024
threads = 8
shutdown-timeout = 1s

[gpu]
device = 0000:01:00.0
