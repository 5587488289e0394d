[vm]
memory = 4G
net0 = virtio

[gpu]
device = 0000:01:00.0
