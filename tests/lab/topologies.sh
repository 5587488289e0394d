# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # the variables are those of tests/lab/run
# tests/lab/topologies.sh - the PCs that the lab can be: one function each
#
# A function sets: devices (QEMU arguments, split at blanks), append (kernel command line),
# modules (host drivers, loaded before the first scenario), firmware (bios or uefi),
# naughty (path of the driver that misbehaves), programs (a build folder other than the usual),
# processors (as -smp takes them; 1), desktop (the display manager of a root of its own), suite (of that root; this machine's own).
# Root ports sit at fixed slots, so addresses stay what the scenarios know:
# the first card is 0000:01:00.0 wherever there is one, except in `moved`.

vtd="-device intel-iommu,intremap=on,caching-mode=on"
gpu_modules="bochs snd_hda_intel"

# root_port N: a root port that becomes bus N when ports are made in ascending order
root_port() { echo "-device pcie-root-port,id=rp$1,chassis=$1,slot=$1,bus=pcie.0,addr=$(printf '%x' $((7 + $1))).0"; }

# audio N: a sound card with a codec, function 1 on root port N
audio() {
	echo "-device ich9-intel-hda,bus=rp$1,addr=0.1,id=hda$1" \
		"-audiodev none,id=none$1 -device hda-duplex,bus=hda$1.0,audiodev=none$1"
}

# card N: a graphics card of two functions, display and audio, on root port N
card() {
	echo "-device bochs-display,bus=rp$1,addr=0.0,multifunction=on $(audio "$1")"
}

base() {
	devices=$vtd append=intel_iommu=on modules='' firmware=bios
}

# A graphics card with its audio function in one group, and a device without a driver (spare).
topology_dgpu() {
	base
	devices="$devices $(root_port 1) $(root_port 2) $(card 1) -device pci-testdev,bus=rp2,addr=0.0,id=spare"
	modules=$gpu_modules
}

# dgpu with four CPUs, the halves of two cores, each of which is a NUMA node with half of the memory.
topology_numa() {
	topology_dgpu
	processors=4,cores=2,threads=2
	devices="$devices -object memory-backend-ram,id=m0,size=1536M -object memory-backend-ram,id=m1,size=1536M"
	devices="$devices -numa node,nodeid=0,memdev=m0,cpus=0-1 -numa node,nodeid=1,memdev=m1,cpus=2-3"
}

# Two cards with the same ids, and the device without a driver at 03:00.0.
topology_twins() {
	base
	devices="$devices $(root_port 1) $(root_port 2) $(root_port 3) $(card 1) $(card 2)"
	devices="$devices -device pci-testdev,bus=rp3,addr=0.0"
	modules=$gpu_modules
}

# The same, with programs that were built to change something that VMs share: a kernel parameter.
topology_twins_shared() {
	topology_twins
}

# twins on a host whose command line gives cards of these ids to vfio-pci, which is loaded first, as from an
# initramfs: both are vfio-pci's.
topology_twins_ids() {
	topology_twins
	append="$append vfio-pci.ids=1234:1111,8086:293e"
	modules="vfio_pci $modules"
}

# One group of five: a PCI bridge and four devices behind it, one of them without a driver.
topology_shared_group() {
	base
	devices="$devices $(root_port 1) -device pcie-pci-bridge,id=bridge,bus=rp1,addr=0.0"
	devices="$devices -device secondary-vga,bus=bridge,addr=1.0 -device e1000,bus=bridge,addr=2.0"
	devices="$devices -device nec-usb-xhci,bus=bridge,addr=3.0 -device pci-testdev,bus=bridge,addr=4.0"
	modules="bochs e1000 xhci_pci"
}

# UEFI boots on the card: boot_vga, the firmware's framebuffer, a console on it.
# bochs is not loaded: it would replace that framebuffer before the scenario starts.
topology_boot_gpu() {
	base
	devices="$devices $(root_port 1) -device VGA,bus=rp1,addr=0.0,multifunction=on"
	devices="$devices $(audio 1)"
	append="$append console=tty0" modules=snd_hda_intel firmware=uefi
}

# A Debian of its own with a desktop on its one card, resumed from when that was up: Weston, or with a
# parameter lightdm (with Xorg), greetd (with Weston), user (Weston that the user's own manager runs). With
# `trixie` before it Debian 13, which has sway, kwin, mutter, gnome and xorg too: desktop:trixie,
# desktop:trixie-kwin.
topology_desktop() {
	topology_boot_gpu
	modules='' desktop=$1
	case $1 in trixie*) suite=trixie desktop=${1#trixie} desktop=${desktop#-} ;; esac
	desktop=${desktop:-weston}
}

# The same with a second card at 0000:02:00.0 and its sound, which is none that a PC boots on: `second` to the
# lab's own QEMU. Its screen stays dark. Each display server has it open too (desktop/root/usr/lib/lab/server).
topology_desktop_two() {
	topology_desktop "$1"
	devices="$devices $(root_port 2) -device bochs-display,id=second,bus=rp2,addr=0.0,multifunction=on $(audio 2)"
}

# AMD-Vi; its own function 1022:0008 is in no group.
topology_amd() {
	topology_dgpu
	devices="-device amd-iommu ${devices#"$vtd"}" append=amd_iommu=on
}

# A disk of 64 MB on NVMe beside the card; lib.sh's hold_nvme mounts it.
topology_held_nvme() {
	topology_dgpu
	truncate -s 64M "$work/nvme.img"
	devices="$devices $(root_port 3) -drive if=none,id=nvme0,format=raw,file=$work/nvme.img"
	devices="$devices -device nvme,drive=nvme0,serial=lab,bus=rp3,addr=0.0"
	modules="$modules nvme"
}

# An NVMe controller beside the card that can have virtual functions: 0000:03:00.0, and from .1 on
# what is made of it: without queues at first, so no driver takes these.
topology_vfs() {
	topology_dgpu
	truncate -s 64M "$work/nvme.img"
	devices="$devices $(root_port 3) -drive if=none,id=nvme0,format=raw,file=$work/nvme.img -device nvme-subsys,id=subsys0"
	devices="$devices -device nvme,id=nvme,serial=lab,subsys=subsys0,bus=rp3,sriov_max_vfs=4,sriov_vq_flexible=8,sriov_vi_flexible=4,max_ioqpairs=26,msix_qsize=33"
	devices="$devices -device nvme-ns,drive=nvme0,bus=nvme"
	modules="$modules nvme"
}

# A USB controller of the host's with a stick and a keyboard, and no card. The stick can be unplugged and
# plugged in again, as `stick`, by whoever asks the lab's own QEMU.
topology_usb() {
	base
	truncate -s 16M "$work/stick.img"
	devices="$devices $(root_port 1) -device qemu-xhci,id=xhci,bus=rp1,addr=0.0"
	devices="$devices -blockdev driver=file,node-name=stick,filename=$work/stick.img"
	devices="$devices -device usb-storage,id=stick0,drive=stick,bus=xhci.0,port=1 -device usb-kbd,id=keys,bus=xhci.0,port=2"
	modules="xhci_pci usb_storage sd_mod usbhid hid_generic evdev"
}

# The card, and that controller with the stick and the keyboard beside it: a PC of which a VM gets everything.
topology_whole() {
	topology_usb
	usb="${devices#"$vtd $(root_port 1)"}" usb_modules=$modules
	topology_dgpu
	devices="$devices $(root_port 3) $(printf %s "$usb" | sed 's/bus=rp1/bus=rp3/')"
	modules="$modules $usb_modules"
}

# A network card beside the card, on a network of the lab's own, a device that counts errors, and one
# that reads and writes memory as it is told.
topology_nic() {
	topology_dgpu
	devices="$devices $(root_port 3) -netdev user,id=net0,restrict=on,ipv6=off -device e1000e,netdev=net0,bus=rp3,addr=0.0"
	devices="$devices $(root_port 4) -device virtio-rng-pci,aer=on,disable-legacy=on,bus=rp4,addr=0.0"
	devices="$devices $(root_port 5) -device edu,bus=rp5,addr=0.0"
	modules="$modules e1000e"
}

# A device of two functions beside the card, 0000:03:00.0 and .1, for the driver that misbehaves.
# It is not loaded: a scenario says how it is to behave. Without headers there is none.
topology_naughty() {
	topology_dgpu
	devices="$devices $(root_port 3) -device pci-testdev,bus=rp3,addr=0.0,multifunction=on -device pci-testdev,bus=rp3,addr=0.1"
	naughty=$("$lab/naughty/make" "$kernel") || [ $? = 77 ] || die "the driver that misbehaves does not build"
}

# twins with that device at 03:00.
topology_twins_naughty() {
	topology_twins
	devices="${devices% -device pci-testdev*} -device pci-testdev,bus=rp3,addr=0.0,multifunction=on -device pci-testdev,bus=rp3,addr=0.1"
	naughty=$("$lab/naughty/make" "$kernel") || naughty=
}

# The card of dgpu one bus further: another device took its address.
topology_moved() {
	base
	devices="$devices $(root_port 1) $(root_port 2) -device pci-testdev,bus=rp1,addr=0.0 $(card 2)"
	modules=$gpu_modules
}

# dgpu without an IOMMU.
topology_no_iommu() {
	topology_dgpu
	devices=${devices#"$vtd"} append=''
}

# many:COUNT - the card, and COUNT functions more, eight to a root port (default 64). None of them
# has an I/O window: SeaBIOS has room for those of fifteen ports. Many more sit behind an AMD IOMMU:
# when the kernel switches Intel's on, QEMU 7.2 takes memory by the cube of their number.
topology_many() {
	count=${1:-64} port=0
	if [ "$count" -gt 256 ]; then topology_amd; else topology_dgpu; fi
	while [ "$count" -gt 0 ]; do
		slot=$((12 + port / 8)) function=$((port % 8))
		devices="$devices -device pcie-root-port,id=many$port,chassis=$((20 + port)),slot=$((20 + port))"
		devices="$devices,bus=pcie.0,addr=$(printf '%x' $slot).$function"
		[ $function != 0 ] || devices="$devices,multifunction=on"
		n=0
		while [ $n -lt 8 ] && [ "$count" -gt 0 ]; do
			devices="$devices -device pvpanic-pci,bus=many$port,addr=0.$n"
			[ $n != 0 ] || devices="$devices,multifunction=on"
			n=$((n + 1)) count=$((count - 1))
		done
		port=$((port + 1))
	done
}
