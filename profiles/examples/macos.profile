# macOS on a card that it has drivers for, with a boot loader of your own.
#
# Nothing of Apple's is shipped. The boot loader's disk (OpenCore, say) is the first one.

[vm]
memory = 16G
cpus = 4

# A processor that macOS knows, with what it asks for.
cpu = Skylake-Client,vendor=GenuineIntel,+invtsc,kvm=on,vmware-cpuid-freq=on

firmware = uefi

# The string of a Mac's SMC, alone in a file; none is shipped.
#apple-smc = /vms/macos/osk.txt

[gpu]
device = PUT-ADDRESS-HERE

[disk]
path = /vms/macos/opencore.qcow2
boot-index = 1

[disk]
path = /vms/macos/macos.qcow2

[net]
mode = user
model = e1000e

[display]
type = none
