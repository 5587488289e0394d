# The way back ends where something fails, instead of carrying on.
# file: launcher/keeper/ledger/revert.c
# matrix: -w worker:0 -e 7 -r true -- vfio-run demo
s/all &= revert_one(k, &list\[i\]);/if (!revert_one(k, \&list[i]))\n\t\t\treturn false;/
