# tree: lab-dgpu
[vm]
memory = 64M
firmware = bios
[gpu]
device = 0000:01:00.0
[net]
mode = bridge
bridge = br0
[tpm]
version = 2.0
[share]
path = /home/alice/share
tag = share
[share]
path = /srv/a place
tag = films
readonly = yes
