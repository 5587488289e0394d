# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# detach - devices go to vfio-pci and stay there, a VM runs on them, attach gives them back
. "$LAB_DIR/lib.sh"

fingerprint_before

vfio_run detach $LAB_GPU
is $? 0 "detach of the card"
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" "vfio-pci vfio-pci" "both functions are on vfio-pci"
vfio_run detach $LAB_GPU $LAB_AUDIO
is $? 0 "detaching twice is fine, and so is naming what goes along"
ok "status: nothing is left over" sh -c '! vfio-run -n x.profile 2>&1 | grep interrupted'

vfio_run attach
is $? 0 "attach"
fingerprint_after "the host is as it was"
done_testing
