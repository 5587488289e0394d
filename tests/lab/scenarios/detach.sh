# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# detach - devices go to vfio-pci and stay there, a VM runs on them, attach gives them back
. "$LAB_DIR/lib.sh"

fingerprint_before

out=$(vfio_run detach -n $LAB_GPU)
is "$?" 0 "detach -n"
like "$out" "$LAB_AUDIO.*vfio-pci" "it names the changes"
fingerprint_after "and has made none"
out=$(vfio_run attach -n $LAB_GPU 2>&1)
is "$?" 3 "attach -n of what was not detached"
fingerprint_after "it makes nothing either"

vfio_run detach $LAB_GPU
is $? 0 "detach of the card"
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" "vfio-pci vfio-pci" "both functions are on vfio-pci"
vfio_run detach $LAB_GPU $LAB_AUDIO
is $? 0 "detaching twice is fine, and so is naming what goes along"
ok "status: nothing is left over" sh -c '! vfio-run -n x.profile 2>&1 | grep interrupted'

out=$(vfio_run attach -n)
is "$?" 0 "attach -n"
like "$out" "$LAB_GPU.*bochs-drm" "it names the driver that comes back"
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" "vfio-pci vfio-pci" "both are still on vfio-pci"
like "$(vfio_run attach -n --json)" '"restored": *null' "as JSON: nothing was done"
vfio_run recover -n >/tmp/out
is "$? $(cat /tmp/out)" "0 " "recover -n: what is kept is not left over"

vfio_run attach
is $? 0 "attach"
fingerprint_after "the host is as it was"
done_testing
