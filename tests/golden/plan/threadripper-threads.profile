# tree: threadripper
[vm]
memory = 1G
cpus = 4
threads = 2
cpu = host,migratable=off
firmware = bios
[gpu]
device = 0000:41:00.0
