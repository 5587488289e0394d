[vm]
memory = 4G
hyperv = yes
hide-hypervisor = yes
rtc = localtime
smbios = host
smbios-string = type=1,serial=7
smbios-string = type=11,value=a b
acpi-table = /vms/ssdt.aml
guest-sleep = yes
guest-agent = yes
apple-smc = /osk

[gpu]
device = 0000:01:00.0
