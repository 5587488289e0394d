[vm]
memory = 4G
firmware = uefi
nvram = "/vms/my vars/VARS.fd"

[gpu]
device = 0000:01:00.0
