# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# desktop - the one card of a real desktop goes to a VM that is started in a terminal on it, and comes
# back with a picture
#
# The picture is the proof: a number that is chosen after the card is back, drawn by a program of the
# session that came with it, and read from what the emulated monitor shows.
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
desktop=display-manager.service
session_profile $p 'stop = display-manager.service'
plays() { timeout 20 aplay -q -D plughw:0,0 -f cd -d 1 /dev/zero; }

unit=$(systemctl show -p Id --value $desktop)
node=/dev/dri/$(basename "$(ls -d $PCI/$LAB_GPU/drm/card*)")
names=$(card_names)
diag "$unit has $node: $names"
ok "before: the picture is of a session of its user" draws
ok "before: sound plays" wait_for 20 plays
out=$(vfio_run_ascii check one 2>&1)
like "$out" 'this host has no picture while the VM runs' "check: the picture goes"
unlike "$out" 'kill 1|pid 1[^0-9]' "process 1 is nobody's holder"
like "$out" 'no ssh server listens, and no login is on a serial line' "nor is there another way in"
out=$(setsid /usr/local/bin/vfio-run one 2>&1 </dev/null)
is $? 3 "without -y, and nobody to ask: exit 3"
like "$(echo "$out" | tr "\n" " ")" "no ssh server listens.*no terminal to ask on.*nothing was changed" "it says so"
vfio_run -n one >/tmp/dry 2>&1 || diag_file /tmp/dry
like "$(cat /tmp/dry)" "service $unit: running" "-n names the unit behind the alias"
modprobe vfio_pci && udevadm settle # loaded modules stay, with their nodes
session_before

type_in 'sudo /usr/local/bin/vfio-run one -y >/home/vmuser/out 2>&1; echo $? >/home/vmuser/code'
wait_for 60 runs || diag_file /home/vmuser/out
is "$(cat /home/vmuser/code)" 6 "typed in the session that ends: exit 6"
ok "the guest has the card" drivers_are vfio-pci $LAB_GPU $LAB_AUDIO
ok "the desktop has ended" inactive
unlike "$(screen)" 'number' "and its picture is gone"
diag "meanwhile: $(screen | tr '\n' ' ')"
press_power
desktop_back "the power button"
is "$(card_names)" "$names" "same nodes, same connectors"
ok "sound plays" wait_for 20 plays
rm /home/vmuser/out /home/vmuser/code
session_after "everything is back"
done_testing
