[vm]
memory = "4G"
name = "win10" # quoted
[gpu]
device = "0000:01:00.0"
[disk]
path = "/vms/# a \"b\" \\ c;.raw"
