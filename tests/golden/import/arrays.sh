#!/usr/bin/env bash
# single gpu passthrough, taken from the arch wiki
set -euo pipefail

VM_DIR="$HOME/vms/win10"
RAM=${RAM:-16G}
CORES=6
THREADS=2
GPU=0000:fa:00.0
GPU_AUDIO="fa:00.1"
ulimit -l $(( 17 * 1048576 ))

modprobe vfio-pci
echo "$GPU" > /sys/bus/pci/devices/$GPU/driver/unbind

if [[ $1 == "install" ]]; then
  EXTRA="-cdrom $VM_DIR/win.iso -boot d"
else
  EXTRA=""
fi

args=(
  -name "win10",process=win10,debug-threads=on
  -machine type=q35,accel=kvm,kernel_irqchip=on,smm=on
  -cpu host,kvm=off,hv_relaxed,hv_spinlocks=0x1fff,hv_vapic,hv_time,hv_vendor_id=whatever,topoext,+invtsc,-svm,migratable=no
  -smp $((CORES * THREADS)),sockets=1,cores=$CORES,threads=$THREADS
  -m "$RAM"
  -mem-path /dev/hugepages -mem-prealloc
  -overcommit mem-lock=on
  -rtc base=localtime,clock=host,driftfix=slew
  -global kvm-pit.lost_tick_policy=discard
  -no-hpet
  -drive if=pflash,format=raw,readonly=on,file=/usr/share/edk2-ovmf/x64/OVMF_CODE.fd
  -drive if=pflash,format=raw,file="$VM_DIR/OVMF_VARS.fd"
  -object iothread,id=io1
  -device virtio-blk-pci,drive=disk0,iothread=io1,num-queues=4,bootindex=1
  -drive if=none,id=disk0,cache=none,format=raw,aio=native,discard=unmap,file=/dev/disk/by-id/nvme-Samsung_SSD_970
  -device ich9-ahci,id=ahci
  -device ide-hd,drive=disk1,bus=ahci.0,serial=ABC
  -blockdev driver=file,node-name=f1,filename=/data/d.qcow2
  -blockdev driver=qcow2,node-name=disk1,file=f1
  -device pcie-root-port,id=rp1,slot=1
  -device vfio-pci,host=$GPU,bus=rp1,addr=00.0,multifunction=on,x-vga=on,romfile=/home/alice/gpu.rom
  -device vfio-pci,host=$GPU_AUDIO,bus=rp1,addr=00.1
  -device vfio-pci,sysfsdev=/sys/bus/pci/devices/0000:fc:00.3
  -netdev tap,id=net0,ifname=tap0,script=no,downscript=no,vhost=on,queues=4
  -device virtio-net-pci,netdev=net0,mac=52:54:00:12:34:56,mq=on
  -device qemu-xhci,id=xhci
  -device usb-host,vendorid=0x046d,productid=0xc52b,bus=xhci.0
  -usb -device usb-host,hostbus=1,hostaddr=4
  -object input-linux,id=kbd,evdev=/dev/input/by-id/usb-kbd-event-kbd,grab_all=on,repeat=on
  -object input-linux,id=mouse,evdev=/dev/input/by-id/usb-mouse-event-mouse
  -audiodev pa,id=hda,server=unix:/run/user/1000/pulse/native
  -device ich9-intel-hda -device hda-duplex,audiodev=hda
  -vga none -nographic -display none
  -monitor unix:/tmp/mon.sock,server,nowait
  -chardev socket,id=chrtpm,path=/tmp/tpm/sock -tpmdev emulator,id=tpm0,chardev=chrtpm -device tpm-tis,tpmdev=tpm0
  -device virtio-balloon
  -virtfs local,path=/home/alice/share,mount_tag=host0,security_model=passthrough
  $EXTRA
)
taskset -c 2-7,14-19 qemu-system-x86_64 "${args[@]}" "$@" &
sleep 5
wait
