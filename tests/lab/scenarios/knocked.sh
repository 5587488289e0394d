# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# knocked - hand-overs while root opens the card's nodes all the time and its devices are announced anew
# deadline: 3600
. "$LAB_DIR/lib.sh"
times=20 # a second of a core and a half each
[ -z "${LAB_ALL:-}" ] || times=250 # 1000 in the four boots of jobs-all
standin_profile /etc/vfio-run/one.profile guest-off-after=0
vfio_run one >&2 # what a first run loads and learns is there from now on
wait_for 20 test -e /dev/snd/controlC0
card=$(basename "$(ls -d $PCI/$LAB_GPU/drm/card*)")
fingerprint_before

vfio-hold knock "/dev/dri/$card" /dev/snd/controlC0 "/dev/vfio/$(group_of $LAB_GPU)" /dev/fb0 >/dev/null &
knocker=$!
while sleep 0.1; do
	for file in "$PCI/$LAB_GPU/uevent" "$PCI/$LAB_GPU"/drm/card*/uevent "$PCI/$LAB_AUDIO/uevent" "$PCI/$LAB_AUDIO"/sound/card*/uevent; do
		echo change >"$file"
	done 2>/dev/null
done &
trigger=$!

# Given (0), refused and untouched (3), refused in between and undone (4), refused by the group that was
# open when QEMU wanted it (1); anything else is a hand-over that is lost, or a lie.
is_back() {
	drivers_are bochs-drm $LAB_GPU && drivers_are snd_hda_intel $LAB_AUDIO && [ ! -e /run/vfio-run/vm/one ]
}
given=0 refused=0 undone=0 wrong=0 n=0
while [ $n -lt $times ]; do
	n=$((n + 1))
	timeout -k 10 120 /usr/local/bin/vfio-run -q one >/tmp/out 2>&1
	code=$?
	case $code in
	0) given=$((given + 1)) ;;
	3) refused=$((refused + 1)) ;;
	1 | 4) undone=$((undone + 1)) ;;
	esac
	case $code in 0 | 1 | 3 | 4) ;; *) wrong=$((wrong + 1)) && diag "hand-over $n: exit $code" && diag_file /tmp/out ;; esac
	if ! is_back; then
		wrong=$((wrong + 1))
		diag "hand-over $n: exit $code, and not back"
		diag_file /tmp/out
	fi
	[ $((n % 50)) != 0 ] || diag "$n: $given given, $refused refused, $undone undone, $wrong wrong" | tee /dev/stderr
done
kill $trigger $knocker
wait
diag "$given given, $refused refused, $undone undone, of $times"
is $wrong 0 "every hand-over of $times came to an end that it names"
ok "some were given" test $given -gt 0
is $((given + refused + undone)) $times "and all others were refused"
fingerprint_after "everything is back"
done_testing
