#!/bin/bash
systemctl stop sddm.service
echo 0 > /sys/class/vtconsole/vtcon0/bind
echo efi-framebuffer.0 > /sys/bus/platform/drivers/efi-framebuffer/unbind
modprobe vfio-pci
nice -n -10 qemu-system-x86_64 -m 12G -smp 6 -cpu host,-hypervisor -machine q35,pflash0=code,pflash1=vars \
  -blockdev driver=file,node-name=code,filename=/usr/share/edk2/x64/OVMF_CODE.secboot.4m.fd,read-only=on \
  -blockdev driver=file,node-name=vars,filename=/vms/VARS.fd \
  -blockdev '{"driver":"host_device","node-name":"f0","filename":"/dev/vg0/win","cache":{"direct":true}}' \
  -blockdev driver=raw,file.driver=file,file.filename=/vms/data.img,node-name=d1,read-only=on,discard=ignore \
  -device '{"driver":"virtio-blk-pci","drive":"d1","serial":"A,1","bootindex":2}' \
  -device vfio-pci,host=fb:00.0 -device vfio-pci,host=fb:00.1 \
  -nic bridge,br=br0,model=virtio-net-pci,mac=52:54:00:00:00:01 \
  -object '{"qom-type":"memory-backend-file","id":"lg","mem-path":"/dev/kvmfr0","size":33554432,"share":true}' \
  -device '{"driver":"ivshmem-plain","memdev":"lg"}' -uuid 11111111-2222-3333-4444-555555555555
systemctl start sddm.service
