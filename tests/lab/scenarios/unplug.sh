# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# unplug - proves the line to the machine outside: a device can be taken away from the lab
. "$LAB_DIR/lib.sh"

like "$(outer query-status)" '"running"' "the outer QEMU answers"
ok "there is a device at 02:00.0" test -e $PCI/0000:02:00.0
outer '{"execute":"device_del","arguments":{"id":"spare"}}' >&2
ok "it is gone" wait_for 30 test ! -e $PCI/0000:02:00.0

# ---- detached, and another device is plugged in its place -------------------------------------------

# plug DRIVER ID: into the slot of 02:00.0. A card that comes while the slot is still going off is not
# seen by the kernel until it is told to look.
plug() {
	card="{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"$1\",\"id\":\"$2\",\"bus\":\"rp2\",\"addr\":\"0.0\"}}"
	outer "$card" >&2
	wait_for 10 test -e $PCI/0000:02:00.0/vendor && return
	outer "$card" >&2 # refused, or it is there already
	for power in /sys/bus/pci/slots/*/power; do echo 1 >"$power"; done
	wait_for 30 test -e $PCI/0000:02:00.0/vendor
}
ok "it is back" plug pci-testdev spare
vfio_run detach $LAB_GPU >&2 && vfio_run detach 0000:02:00.0 >&2
is "$(driver_of 0000:02:00.0) $(driver_of $LAB_GPU)" "vfio-pci vfio-pci" "it and the card are detached"
outer '{"execute":"device_del","arguments":{"id":"spare"}}' >&2
wait_for 30 test ! -e $PCI/0000:02:00.0
ok "another device is there" plug pvpanic-pci other
out=$(vfio_run attach 2>&1)
is $? 0 "attach"
like "$out" '0000:02:00.0.*is gone from the bus, or another device is there' "it says which one is gone"
is "$(driver_of $LAB_GPU)" bochs-drm "the card is back all the same"

# ---- detached, and nothing in its place ---------------------------------------------------------------

vfio_run detach 0000:02:00.0 >&2
outer '{"execute":"device_del","arguments":{"id":"other"}}' >&2
ok "it is pulled out" wait_for 30 test ! -e $PCI/0000:02:00.0
out=$(vfio_run attach 2>&1)
is $? 0 "attach"
like "$out" '0000:02:00.0.*is gone from the bus' "it says that it is gone"
done_testing
