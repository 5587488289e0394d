[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[display]
type = egl-headless
