[vm]
memory = 4G
rtc = localtime

[gpu]
device = 0000:01:00.0
