[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[net]
forward = tcp:2222:22
forward = udp:2222:22
forward = tcp:2222:80
