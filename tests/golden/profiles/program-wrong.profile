[vm]
memory = 4G

[program]
argument = -F

[program]
run = looking-glass-client

[program]
run = /usr/bin/x
argument = a b $HOME
argument =
