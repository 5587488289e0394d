# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# clock: instructions
# jail-cost - a start with the whole jail, beside one without any of it
#
# The same QEMU and guest, in turns; the shortest of three each, of five in check-all. Without the
# jail: no namespaces, no root of its own, no filter, neither ours nor QEMU's, and QEMU is root's. The
# goal is 3 %.
. "$LAB_DIR/lib.sh"
BENCH_LIBVIRT=''
# shellcheck source=tests/bench/card.sh
. "$LAB_DIR/../bench/card.sh"
keeper=/usr/local/libexec/vfio-run/keeper
wait_for 20 test -e /dev/snd/controlC0
sed 's|^\[vm\]$|&\nsandbox = off|' /etc/vfio-run/bench.profile >/etc/vfio-run/open.profile
cp $keeper /usr/local/libexec/vfio-run/keeper.jail
cp "$VFIO_RUN_BUILD/tests/jail/open/libexec/vfio-run/keeper" /usr/local/libexec/vfio-run/keeper.open

# start jail|open PROFILE: the keeper of that name; a line `NAME kill FIGURE MILLISECONDS` each
start() {
	cp "/usr/local/libexec/vfio-run/keeper.$1" $keeper.new && mv $keeper.new $keeper
	# shellcheck disable=SC2086,SC2154 # words; of card.sh
	stopwatch -w "$1" -e kill $both -- /usr/local/bin/vfio-run "$2" 2>>log
}
start jail bench >/dev/null # QEMU's version is remembered from here on
start open open >/dev/null
settle
wait_for 20 test -e /dev/snd/controlC0
fingerprint_before
# shortest NAME: to the guest's first instruction, in milliseconds
shortest() { awk -v way="$1" '$1 == way && $3 == "guest" { print $4 }' figures | sort -n | head -n 1; }
is_cheap() { awk -v a="$(shortest jail)" -v b="$(shortest open)" 'BEGIN { exit !(b > 0 && a < 1.03 * b) }'; }
rounds=3
[ -z "${LAB_ALL:-}" ] || rounds=5
round=0
until [ $round = $rounds ]; do
	start jail bench
	start open open
	round=$((round + 1))
done >figures
is "$(grep -c ' guest ' figures)" $((2 * round)) "each guest got to its first instruction"
diag "to the guest's first instruction: $(shortest jail) ms with the jail, $(shortest open) ms without, the best of $rounds"
ok "the jail takes less than 3 % of a start" is_cheap
fingerprint_after "everything is back"
done_testing
