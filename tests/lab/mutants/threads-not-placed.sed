# QEMU's threads are not put where the profile says.
# file: launcher/keeper/vm/pin.c
# scenario: pins
# boot: numa
s/^\tif (!is_at(thread, &place)) {$/\tif (\&place == NULL) {/
