# tree: lab-dgpu
[vm]
memory = 256M
accel = tcg
firmware = bios
[gpu]
device = 0000:01:00.0
rom = "/roms/a,rombar=0 \"b\" \\c's.rom"
[disk]
path = "/vms/x,readonly=off,file.driver=host_device \"q\" \\n $(id) 'w'.raw"
serial = WD-1
[qemu]
argument = -device
argument = "edu,id=it's"
