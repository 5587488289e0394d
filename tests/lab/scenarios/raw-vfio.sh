# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# raw-vfio - proves the lab itself, without vfio-run: what sysfs writes do here is real, the
# stand-in really takes the devices, and the fingerprint sees what was not given back
. "$LAB_DIR/lib.sh"

write() { printf '%s' "$2" >"$1"; }

detach() {
	for device in $LAB_GPU $LAB_AUDIO; do
		write $PCI/$device/driver_override vfio-pci || return
	done
	for device in $LAB_AUDIO $LAB_GPU; do
		write $PCI/$device/driver/unbind $device || return
	done
	for device in $LAB_GPU $LAB_AUDIO; do
		write /sys/bus/pci/drivers/vfio-pci/bind $device || return
	done
}
attach() {
	for device in $LAB_AUDIO $LAB_GPU; do
		write $PCI/$device/driver/unbind $device || return
	done
	for device in $LAB_GPU $LAB_AUDIO; do
		printf '\n' >$PCI/$device/driver_override || return
	done
	write /sys/bus/pci/drivers/bochs-drm/bind $LAB_GPU && write /sys/bus/pci/drivers/snd_hda_intel/bind $LAB_AUDIO
}
standin() {
	switches=$1
	shift
	qmp-say "$@" -- "$LAB_STANDIN" -S -m 64M \
		-chardev socket,id=monitor,fd=3 -qmp chardev:monitor \
		-device '{"driver":"vfio-pci","host":"0000:01:00.0","id":"gpu0"}' \
		-device '{"driver":"vfio-pci","host":"0000:01:00.1"}' \
		${switches:+-standin "$switches"} 2>/tmp/standin.err
}

is "$(driver_of $LAB_GPU)" bochs-drm "the card is on its host driver"
is "$(driver_of $LAB_AUDIO)" snd_hda_intel "its audio function is too"
fingerprint_before before
ok "the fingerprint is the same when nothing happened" fingerprint_same

ok "vfio-pci loads" modprobe vfio-pci
ok "detach" detach
ok "both functions are on vfio-pci" drivers_are vfio-pci $LAB_GPU $LAB_AUDIO
not_ok "the fingerprint sees a detached card" fingerprint_same

answers=$(standin '' qmp_capabilities query-status cont query-status system_powerdown wait:SHUTDOWN)
is $? 0 "the stand-in ends well when the guest powers off"
like "$answers" '"status": "prelaunch"' "it waits for cont"
like "$answers" 'RESUME' "it says so when it runs"
like "$(cat /tmp/standin.err)" 'has 0000:01:00.0 1234:1111' "it really read the card's ids through VFIO"
like "$(cat /tmp/standin.err)" 'has 0000:01:00.1 8086:' "and those of its audio function"
standin crash-after-cont qmp_capabilities cont >/dev/null
is $? 139 "a crash is signal 11"
standin exit-1-before-greeting qmp_capabilities >/dev/null
is $? 1 "a rejected argument is status 1"
standin report qmp_capabilities quit >/dev/null
like "$(cat /tmp/standin.err)" 'jail: no_new_privs: 0' "it reports what it sees"

# The kernel asks the holder to let go; the stand-in listens. Only one function is unbound
# while the holder lives: taking the last device of a group from under a process that is just
# closing it corrupts Linux 6.1 (list_del in vfio_fops_release, seen here one time in three).
standin '' qmp_capabilities cont wait:NEVER >/dev/null &
holder=$!
ok "the stand-in holds the card" wait_for 20 sh -c 'ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q vfio-device'
ok "unbind while it is held" write $PCI/$LAB_AUDIO/driver/unbind $LAB_AUDIO
ok "the holder let go and ended" wait_for 20 gone $holder
wait $holder 2>/dev/null
write /sys/bus/pci/drivers/vfio-pci/bind $LAB_AUDIO
ok "reattach" attach
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" "bochs-drm snd_hda_intel" "both are on their host drivers"
fingerprint_after "the host is as it was"

printf vfio-pci >$PCI/$LAB_AUDIO/driver_override
not_ok "the fingerprint sees an override that was left set" fingerprint_same
like "$(cat /tmp/lab/fingerprint.diff)" 'pci 0000:01:00.1 driver_override: vfio-pci' "and names it"
printf '\n' >$PCI/$LAB_AUDIO/driver_override
: >/run/left
not_ok "the fingerprint sees a file that was left" fingerprint_same
rm /run/left
chmod 0666 /dev/dri/card0
not_ok "the fingerprint sees a changed mode of a node" fingerprint_same
chmod 0600 /dev/dri/card0
sleep 1000 &
not_ok "the fingerprint sees a process that was left" fingerprint_same
kill $!
wait $! 2>/dev/null
fingerprint_after "the host is as it was, again"
done_testing
