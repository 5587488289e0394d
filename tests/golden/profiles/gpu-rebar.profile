[vm]
memory = 1G
[gpu]
device = 01:00.0
rebar-bar2 = 3G
rebar-bar0 = huge
