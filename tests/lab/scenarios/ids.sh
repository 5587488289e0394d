# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# ids - the kernel's command line has vfio-pci.ids= with the ids of the card, and of another one. A row each, of
# `make check-all`: what, how often, result
#
# By it a function without a driver can be vfio-pci's at any moment: what the host had it must get back.
. "$LAB_DIR/lib.sh"
second=0000:02:00.0 second_audio=0000:02:00.1
all="$LAB_GPU $LAB_AUDIO $second $second_audio"
first='' run='' # the keepers

standin_profile /etc/vfio-run/one.profile say=hello
sed "s/^device = .*/device = $second/" /etc/vfio-run/one.profile >/etc/vfio-run/two.profile
# shellcheck disable=SC2086 # addresses
ok "from the start both cards are vfio-pci's" drivers_are vfio-pci $all
for address in $all; do is "$(override_of $address)" '(null)' "$address: by its id, without an override"; done
learn one two

both_keepers_killed() {
	begin one two || return
	kill_all $first $run
	wait
	came_back
}
row 'vfio-pci.ids=, vfio-pci has the cards' stopped keeper_killed all_killed detached both_keepers_killed

echo $LAB_GPU >/sys/bus/pci/drivers/vfio-pci/unbind
echo $LAB_AUDIO >/sys/bus/pci/drivers/vfio-pci/unbind
echo $LAB_GPU >/sys/bus/pci/drivers/bochs-drm/bind
echo $LAB_AUDIO >/sys/bus/pci/drivers/snd_hda_intel/bind
wait_for 20 test -e /dev/snd/hwC0D0
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO) $(driver_of $second)" "bochs-drm snd_hda_intel vfio-pci" \
	"the host takes one of two equal cards"
learn one
wait_for 20 test -e /dev/snd/hwC0D0
row 'vfio-pci.ids=, the host has one of the cards' stopped keeper_killed all_killed detached both_keepers_killed
done_testing
