[vm]
memory = lots
cpus = 0
threads = -1
accel = xen
firmware = bio
rtc = local
qemu = bin/qemu

[gpu]
device = card
rom = vbios.rom

[net]
model = e1000
mac = 52:54
