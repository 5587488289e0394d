[vm]
memory = 4G

[audio]
backend = jack
card = ich9
microphone = on
latency = 20
