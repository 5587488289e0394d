[vm]
memory = 4G

[display]
type = none

[net]
mode = macvtap
