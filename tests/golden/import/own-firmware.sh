#!/bin/bash
MAC=$(echo $RANDOM)
exec qemu-system-x86_64 -nodefaults -name guest=games,debug-threads=on -machine pc-q35-6.0,accel=kvm,usb=off,vmport=off \
 -cpu Skylake-Client,migratable=no,hv-time,hv-relaxed -m size=16G,slots=2,maxmem=32G -overcommit mem-lock=off \
 -smp 8,sockets=1,dies=1,cores=4,threads=2 -uuid 0d3a0c1e-2222-4444-8888-000000000000 -no-user-config -drive if=pflash,format=raw,readonly=on,file=/vms/OVMF_CODE.fd -drive if=pflash,format=raw,file=/vms/OVMF_VARS.fd -boot strict=on \
 -drive file=/vms/w.qcow2,if=none,id=d,discard=unmap,detect-zeroes=unmap,cache=none,aio=io_uring -device scsi-hd,drive=d,bus=scsi0.0,rotation_rate=1,bootindex=1 -device virtio-scsi-pci,id=scsi0 \
 -drive file=/dev/disk/by-id/none,format=raw,if=none,id=e,cache.direct=on -device nvme,drive=e,serial=deadbeef \
 -nic user,model=virtio,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=udp::5353-:53 \
 -net nic,model=e1000,macaddr=52:54:00:aa:bb:cc -net bridge,br=br1 \
 -device vfio-pci,host=f2:00.0,id=hostdev0,bus=pcie.0,multifunction=on,x-vga=on -set device.hostdev0.romfile=/x.rom \
 -device usb-host,hostbus=1,hostport=2.3 -device usb-redir,chardev=r -chardev spicevmc,id=r,name=usbredir \
 -spice unix=on,addr=/tmp/s.sock -device virtio-serial-pci -chardev spicevmc,id=v,name=vdagent -device virtserialport,chardev=v,name=com.redhat.spice.0 \
 -audiodev spice,id=a -device ich9-intel-hda -device hda-micro,audiodev=a -display spice-app -mem-path /dev/hugepages1G/vm -sandbox on -parallel none -watchdog-action reset -trace foo
