[vm]
memory = 4G

[display]
type = none

[net]
parent = eth0
