# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # lib.sh and handover.sh read them
# desktop-user - a real desktop's display server is a unit of its user's own service manager: that one stops it,
# for a profile with `holders = ask`, and starts it again. Topology `desktop:user`
. "$LAB_DIR/lib.sh"
. "$LAB_DIR/desktop/handover.sh"
p=/etc/vfio-run/one.profile
up='pgrep -x weston'
plain_profile $p '[gpu]' "device = $LAB_GPU" 'holders = ask' '[session]' 'release-console = yes' '[qemu]' 'argument = -standin' 'argument = say=hello'
ok "before: the picture is of a session of its user" draws
like "$(vfio_run -n one 2>&1)" '1500/lab-weston.service' "the unit of the user's is named"
row 'holders = ask' terminal
done_testing
