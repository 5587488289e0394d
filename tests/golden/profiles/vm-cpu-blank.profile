[vm]
memory = 4G
cpu = host, kvm=off

[gpu]
device = 0000:01:00.0
