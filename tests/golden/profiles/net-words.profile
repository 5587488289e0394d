[vm]
memory = 4G

[display]
type = none

[net]
mode = bridge
bridge = a/b
[net]
mode = bridge
bridge = br0
model = ne2k
