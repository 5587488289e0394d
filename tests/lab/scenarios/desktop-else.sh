# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # $run is lib.sh's
# desktop-else - a VM with the desktop's card is started from elsewhere: a session without a seat, the unit
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
# shellcheck disable=SC2034 # lib.sh reads it
desktop=display-manager.service
session_profile $p 'stop = display-manager.service'
code=/home/vmuser/code
ok "before: the picture is of a session of its user" draws

# A session without a seat, as ssh's: it goes on, and has the real exit status.
rm -f $code
systemd-run --quiet --unit=lab-far --property=PAMName=login --property=User=vmuser \
	sh -c "sudo /usr/local/bin/vfio-run one -y >/home/vmuser/out 2>&1; echo \$? >$code" >&2
ok "a session without a seat: the guest has the card" wait_for 60 runs
ok "it goes on" systemctl --quiet is-active lab-far
vfio_run stop one >&2
wait_for 60 test -s $code
is "$(cat $code)" 0 "and has the exit status of the guest"
desktop_back "a session without a seat"

# The unit, which a menu starts.
systemctl start vfio-run@one >&2
ok "the unit: the guest has the card" runs
systemctl stop vfio-run@one >&2
desktop_back "the unit"
done_testing
