[vm]
memory = 4G
cpus = 16
threads = 2
dies = 2
sockets = 2
memory-node = 1
mmio64 = 64G

[gpu]
device = 0000:01:00.0
