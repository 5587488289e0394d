[vm]
memory = 4G

[session]
stop = gdm.service

[display]
type = none
