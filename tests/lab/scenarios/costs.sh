# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# costs - while the guest runs: no wake-ups, little memory
. "$LAB_DIR/lib.sh"

standin_profile /etc/vfio-run/demo.profile say=hello
fingerprint_before
# A desktop's programs share libc's pages; the lab's own are static, so these stand for them.
others=
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	neighbour &
	others="$others $!"
done
: >/tmp/out
/usr/local/bin/vfio-run demo >/tmp/out 2>&1 &
run=$!
wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out

ours="$run $(pgrep -P $run -x vfio-standby) $(pgrep -P $run -x vfio-words) $(pgrep -P $run -x 'w:.*') $(pgrep -x vfio-qmp)"
is "$(echo "$ours" | wc -w)" 5 "keeper, standby, worker, vfio-qmp, and who writes to stderr, a file, and to the log"
switches() { for pid in $ours; do grep ctxt "/proc/$pid/status"; done; }
switches >/tmp/before
sleep 5
switches >/tmp/after
ok "none of them woke up in five seconds" diff /tmp/before /tmp/after
total=0
for pid in $ours; do
	kb=$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")
	diag "$(cat "/proc/$pid/comm"): $kb kB"
	total=$((total + kb))
done
# Debian 13's libc and json-c have 46 kB more of their own to write to in the five processes.
limit=1024
[ "$(getconf GNU_LIBC_VERSION | tr -dc 0-9)" -lt 241 ] || limit=1100
ok "together they take less than 1 MB ($total kB, the limit is $limit)" [ $total -lt $limit ]
is "$(awk '/^CapEff/ { print $2 }' /proc/$run/status)" 0000000000000020 "the keeper rests with CAP_KILL alone"
is "$(awk '/^CapBnd/ { print $2 }' /proc/$run/status)" 00000104000901e6 "and can have no more than the way back needs"
kill -TERM $run
wait $run
# shellcheck disable=SC2086 # one word each
kill $others
fingerprint_after "everything is back"
done_testing
