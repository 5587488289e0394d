[device "video"]
  driver = "virtio-vga"
[machine]
  type = "q35"
