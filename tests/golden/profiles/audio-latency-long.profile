[vm]
memory = 4G

[audio]
latency = 1001ms
