[vm]
memory = 4G
cpus = 2
pin = 4-5

[gpu]
device = 0000:01:00.0

[host]
isolate-cpus = yes
