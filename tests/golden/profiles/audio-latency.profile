[vm]
memory = 4G

[audio]
backend = none
latency = 20ms
