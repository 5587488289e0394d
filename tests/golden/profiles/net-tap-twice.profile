[vm]
memory = 4G

[display]
type = none

[net]
mode = tap
tap = tap0
[net]
mode = tap
tap = tap0
