[vm]
name = lab
user = alice
memory = 2048M
cpus = 8
threads = 2
cpu = host,kvm=off,+invtsc
accel = tcg
machine = pc-q35-7.2
firmware = bios
qemu = /opt/qemu/bin/qemu-system-x86_64
shutdown-timeout = 3600s
on-panic = fail
on-hangup = stop
rtc = localtime
smbios = host
smbios-string = type=1,serial=7
smbios-string = type=11,value=a b
acpi-table = /vms/ssdt.aml
guest-sleep = yes
guest-agent = yes
apple-smc = /osk

[gpu]
device = 10de:2486
group = all
rom = /vms/vbios.rom

[gpu]
device = 10000:e1:00.0
id = 1002:73bf
group = hold
rom = off
primary = yes
show-id = 10de:1f91
subsystem-id = 17aa:3a6d
eject = no
driver = auto

[pci]
device = 00:14.0

[pci]
device = 0000:00:14.1
group = function

[pci]
device = 0000:05:00.0
group = slot

[disk]
path = /dev/vg/win10
cache = none
discard = ignore
serial = WD-1234
boot-index = 1

[disk]
path = /vms/a.img
format = raw
cache = unsafe
readonly = yes
iothread = no
boot-index = 999

[disk]
path = /vms/a.img
format = raw
cache = writeback
readonly = yes

[net]
mode = none
model = e1000e

[net]
mac = 52:54:00:12:34:56
forward = tcp:2222:22
forward = udp:2222:22
forward = tcp:65535:1

[display]
type = none

[qemu]
argument = -device
argument = {"driver":"nec-usb-xhci","id":"usb"}
argument = -append
argument = ""
argument = "a  b # c"
