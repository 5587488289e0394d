[vm]
memory = 4G

[program]
run = /usr/bin/1

[program]
run = /usr/bin/2

[program]
run = /usr/bin/3

[program]
run = /usr/bin/4

[program]
run = /usr/bin/5

[program]
run = /usr/bin/6

[program]
run = /usr/bin/7

