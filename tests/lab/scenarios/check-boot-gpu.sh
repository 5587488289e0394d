# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# check-boot-gpu - the GPU of the host's own console is refused, in one sentence
. "$LAB_DIR/lib.sh"

profile /etc/vfio-run/demo.profile
fingerprint_before
out=$(vfio_run demo 2>&1)
is $? 3 "on the firmware's framebuffer: exit 3"
is "$(printf '%s\n' "$out" | grep -c "picture would be lost until it is booted again")" 1 "one sentence"
like "$out" "would be lost until it is booted again: $LAB_GPU" "which one"
out=$(vfio_run_ascii check demo 2>&1)
like "$out" "FAIL console" "the row is console"
like "$(vfio_run list gpu)" "boot VGA" "list says what it is"
fingerprint_after "nothing was touched"

# Its picture is given up: nothing brings it back, and that was said before.
standin_profile /etc/vfio-run/one.profile say=hello
sed -i '/^\[qemu\]/i [session]\nrelease-console = yes' /etc/vfio-run/one.profile
like "$(cat /proc/fb)" EFI "the firmware's framebuffer is there"
like "$(vfio_run_ascii check one)" 'from here on this host has no picture until it is booted again' \
	"release-console = yes: check says what is lost"
: >/tmp/out
vfio_run one -y >/tmp/out 2>&1 &
run=$!
ok "release-console = yes: the guest has the card" wait_for 60 drivers_are vfio-pci $LAB_GPU
wait_for 60 grep -q running /run/vfio-run/vm/one/status
vfio_run stop one >&2
wait $run
is $? 0 "exit 0" || diag_file /tmp/out
is "$(driver_of $LAB_GPU)$(override_of $LAB_GPU)" '(null)' "the card has no driver, as before"
unlike "$(cat /proc/fb)" EFI "and the framebuffer is gone"

# With its own driver it still is the only display, with the text console on it.
modprobe bochs
wait_for 20 bound_to $LAB_GPU bochs-drm
fingerprint_before
out=$(vfio_run demo 2>&1)
is $? 3 "on its own driver: exit 3"
like "$out" "the card of the host's own console: $LAB_GPU" "which one, and what to do"
fingerprint_after "nothing was touched"
done_testing
