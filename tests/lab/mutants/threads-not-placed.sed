# QEMU's threads are left wherever the host puts them.
# file: launcher/keeper/vm/pin.c
# scenario: cpus
# boot: numa
s/return !claimed.done && cpu_places_any(&vm->keep->plan->places);/return !vm;/
