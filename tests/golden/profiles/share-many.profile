[vm]
memory = 4G

[share]
path = /home/alice/1
tag = s1

[share]
path = /home/alice/2
tag = s2

[share]
path = /home/alice/3
tag = s3

[share]
path = /home/alice/4
tag = s4

[share]
path = /home/alice/5
tag = s5

[share]
path = /home/alice/6
tag = s6

