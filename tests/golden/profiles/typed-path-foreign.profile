# Paths of other systems, and what is none.
[vm]
memory = 1G

[disk]
path = C:\VMs\win.qcow2
[disk]
path = \\nas\vms\b.raw
[disk]
path = file:///vms/c.raw
[disk]
path = local-lvm:vm-100-disk-0
format = raw
[cdrom]
path = https://example.org/win11.iso
[cdrom]
path = local:iso/win11.iso
[cdrom]
path = vms/a:b.iso
