# tree: x570-four-functions
[vm]
memory = 16G
cpus = 8
firmware = uefi
[gpu]
device = 0a:00.0
reset = bus
rebar = max
rebar-bar3 = 128M
