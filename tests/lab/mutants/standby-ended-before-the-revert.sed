# The standby is sent away when the VM has ended, not when the devices are back.
# file: launcher/keeper/job-run.c
# matrix: -m demo.journal+ -w keeper:3 -- vfio-run demo
s/restored = revert_all(k);/standby_end(k);\n\t&/
