agent: 1
bios: ovmf
hostpci0: 0000:01:00,pcie=1
ostype: win10
net0: virtio=BC:24:11:00:00:01,bridge=vmbr0
