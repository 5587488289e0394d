[vm]
memory = 4G
smbios = yes
smbios-string = manufacturer=X
smbios-string = file=/x
smbios-string = type=128,manufacturer=X
smbios-string = type=x
smbios-string = type=11,value=a,path=/x
smbios-string = type=11,value=a
acpi-table = ssdt.aml
acpi-table = /a:b.aml
guest-sleep = 1
[gpu]
device = 01:00.0
