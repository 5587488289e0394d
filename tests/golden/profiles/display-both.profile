[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[display]
type = vnc
socket = /run/x.sock
listen = 127.0.0.1:5900
