# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# instants - kill -9 at random instants, and many stops of a QEMU that does not want to end
#
# A sample; with LAB_ALL 200 of each, and 30 with QEMU itself. Nobody helps: all that a run
# leaves behind is waited for, and then everything has to be as it was.
. "$LAB_DIR/lib.sh"
if [ -n "${LAB_ALL:-}" ]; then many=200 some=30 stops=200; else many=20 some=2 stops=3; fi

standin_profile /etc/vfio-run/demo.profile guest-off-after=100
standin_profile /etc/vfio-run/unruly.profile \
	ignore-term,ignore-powerdown,ignore-quit,child,daemon,stop-itself,ignore-request
PROFILE_QEMU=qemu-system-x86_64 profile /etc/vfio-run/real.profile
wait_for 20 test -e /dev/snd/controlC0
vfio_run demo >&2 # the modules are there from now on
wait_for 20 test -e /dev/snd/controlC0

# of NAME COUNT OPTION...: signals for as many runs of it
of() {
	name=$1 count=$2
	shift 2
	matrix -R "$count" "$@" -- vfio-run "$name" >/tmp/matrix 2>&1
	is $? 0 "$name: $count times, all back each time"
	diag_file /tmp/matrix
}
# how long one run takes here
began=$(cut -d' ' -f1 /proc/uptime)
vfio_run demo >&2
took=$(cut -d' ' -f1 /proc/uptime | awk -v began="$began" '{ print int(($1 - began) * 1000) }')
diag "a run takes $took ms"
raw=$(limit cycle 20 $LAB_GPU $LAB_AUDIO | awk '$1 == "reattach" { print $2 / 1e9 }' | sort -n | sed -n 10p)
of demo $many -W "$took"
middle=$(sed -n 's/.*gone after \([0-9.]*\) s in the middle.*/\1/p' /tmp/matrix)
diag "from the death to the last process's end $middle s, raw writes to give both back $raw s:" \
	"$(echo "$middle $raw" | awk '{ printf "%.1f", $1 / $2 }') times"
of unruly $stops -G TERM,TERM -O 'the guest runs' -W 50
of real $some -W $((took + 2000))
of real $some -G TERM,TERM -O 'the guest runs' -W 200
done_testing
