#!/bin/bash
# A script as it is passed around: arrays, variables, hooks around QEMU.
set -e
VM=win10
ROM=/home/alice/vbios.rom
DISK="/vms/$VM.qcow2"
virsh nodedev-detach pci_0000_01_00_0
echo 1 >/sys/bus/pci/rescan
pkill qemu-system-x86_64 || true

args=(
	-name "$VM",process=vm # the name
	-enable-kvm -machine q35,accel=kvm
	-cpu host,kvm=off,hv_relaxed,hv_vapic,hv_spinlocks=0x1fff,topoext=on
	-smp 12,sockets=1,cores=6,threads=2
	-m 16G
	-drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE.fd
	-drive if=pflash,format=raw,file=/vms/win10_VARS.fd
	-drive file="$DISK",if=none,id=d0,format=qcow2,cache=none
	-device virtio-blk-pci,drive=d0
)
args+=(
	-device pcie-root-port,id=rp1
	-device vfio-pci,host=f1:00.0,bus=rp1,multifunction=on,x-vga=on,romfile=$ROM
	-device vfio-pci,host=f1:00.1,bus=rp1,addr=00.1
	-device vfio-pci,host=f5:00.0
	-object input-linux,id=kbd1,evdev=/dev/input/by-id/usb-Maker_Board-event-kbd,grab_all=on,repeat=on
	-netdev tap,id=n0,ifname=tap0,script=no,downscript=no
	-device virtio-net-pci,netdev=n0,mac=52:54:00:12:34:56
	-device ivshmem-plain,memdev=ivshmem
	-object memory-backend-file,id=ivshmem,share=on,mem-path=/dev/shm/looking-glass,size=64M
	-audiodev pa,id=snd0,server=/run/user/1000/pulse/native
	-device ich9-intel-hda -device hda-duplex,audiodev=snd0
	-rtc base=localtime
	-vga none -nographic
	-fw_cfg opt/ovmf/X-PciMmio64Mb,string=65536
	-monitor stdio
)
sudo -E taskset -c 2-13 qemu-system-x86_64 "${args[@]}" "$@"
virsh nodedev-reattach pci_0000_01_00_0
