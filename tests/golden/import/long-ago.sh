#!/bin/sh
sudo qemu-system-x86_64 \
    -enable-kvm -m 8192 -cpu host,kvm=off -smp cores=4,threads=1 \
    -device \
      vfio-pci,host=f1:00.0,\
multifunction=on \
    -device vfio-pci,host=f1:00.1 \
    -drive file=win.img,if=virtio,cache=writeback \
    -drive file=/isos/virtio.iso,index=1,media=cdrom \
    -bios /usr/share/ovmf/OVMF.fd \
    -netdev user,id=n,hostfwd=tcp::3389-:3389,smb=/home/alice -device e1000,netdev=n \
    -object memory-backend-memfd,id=mem,size=8G,share=on -numa node,memdev=mem \
    -chardev socket,id=c0,path=/tmp/vfs.sock -device vhost-user-fs-pci,chardev=c0,tag=sh \
    -spice port=5900,disable-ticketing=on -device qxl-vga \
    -device virtio-gpu-pci -k de -boot order=c,menu=on -no-reboot -full-screen \
    -qmp tcp:localhost:4444,server,nowait -vnc :0 -usb -usbdevice tablet -soundhw hda -localtime -balloon none
