# QEMU is not bound to the keeper's life.
# file: launcher/keeper/jail/jail-stages.c
# scenario: kill-sets
s/prctl(PR_SET_PDEATHSIG, SIGKILL)/prctl(PR_SET_PDEATHSIG, 0)/
