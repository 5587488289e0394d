[vm]
memory = 4G

[display]
