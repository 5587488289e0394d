[vm]
memory = 4G

[display]
type = none

[net]
queues = 2
