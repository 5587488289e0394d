[vm]
name = win10
memory = 16G
hugepages = no
cpus = 2
threads = 1
cpu = host
accel = kvm
machine = q35
firmware = uefi
hyperv = no
hide-hypervisor = no
rtc = utc
qemu = qemu-system-x86_64
sandbox = strict
shutdown-timeout = 60s
on-panic = shutdown
on-hangup = keep

[gpu]
device = 0000:01:00.0
group = slot
primary = no
rebar = keep
reset = auto
driver = vfio-pci
holders = refuse

[disk]
path = /vms/win10.qcow2
format = qcow2
bus = virtio
cache = auto
discard = unmap
readonly = no
iothread = yes

[net]
mode = user
model = virtio

[display]
type = none
