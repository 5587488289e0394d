[vm]
memory = 4G

[display]
type = none

[net]
mode = bridge
bridge = br0
model = e1000
queues = 2
