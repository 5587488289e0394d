# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# probe - a program in QEMU's place, with a real card, tries each row of the threat model
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
p=/etc/vfio-run/demo.profile

cp /usr/lib/vfio-run-lab/probe /usr/bin/qemu-probe
mkdir /vms
rm -f $p
fingerprint_before

# What there is to be got at, were the jail not there: files, sockets, a process, a key.
mkdir -p /home/vmuser/.ssh /root/.ssh
for secret in /root/secret /home/vmuser/secret /home/vmuser/.ssh/id_ed25519 /tmp/secret /run/secret; do
	echo secret >$secret
done
chown -R 1500:1500 /home/vmuser/secret /home/vmuser/.ssh
chmod 0644 /tmp/secret /run/secret
setpriv --reuid 1500 --regid 1500 --clear-groups sleep 1000 &
victim=$!
qemu_probe=/usr/bin/qemu-probe
: >/tmp/accomplice.out
$qemu_probe accomplice >/tmp/accomplice.out 2>&1 &
waiting=$!
ok "an accomplice waits outside" wait_for 10 grep -q waiting /tmp/accomplice.out
exec 8<"$PCI" 9</etc/shadow # descriptors that must not get in
export LD_DEBUG_OUTPUT=/tmp/x QEMU_MODULE_DIR=/tmp

# try MODE [LINE OF [vm]]: a run with the probe; its report is in /vms/probe.raw
try() {
	filter-list >/vms/probe.raw
	echo data >/vms/probe-ro.raw
	chown 1500:1500 /vms/*.raw
	chmod 0600 /vms/*.raw
	PROFILE_QEMU=$qemu_probe profile $p '[disk]' 'path = /vms/probe.raw' '[disk]' \
		'path = /vms/probe-ro.raw' 'readonly = yes' '[qemu]' 'argument = -probe' "argument = $1"
	[ -z "${2:-}" ] || sed -i "s/^\[vm\]/[vm]\n$2/" $p
	out=$($own demo 2>&1)
	code=$?
}
# The rows that got through, if any, and how many were tried.
judge() {
	last=$(tail -n 1 /vms/probe.raw)
	like "$last" '^tried [0-9]+ rows, 0 got through$' "$1: $last"
	grep '^through' /vms/probe.raw | sed 's/^/# /'
	[ -n "$last" ] || diag "$out"
}

try all
is $code 1 "with both filters to come: the probe ran"
judge "in the jail, under the filter"
try unfiltered 'sandbox = off'
judge "in the jail alone, without a filter"
try unshare
like "$out" 'SIGSYS' "a thread makes a call that QEMU never makes: all of it is ended"
ok "the user's other processes live" kill -0 $victim
is "$(cat /tmp/accomplice.out)" waiting "nobody came to the accomplice"

# What got through would show outside, too.
not_ok "no file was made" sh -c 'ls -d /written /made /usr/written /usr/bin/written /vms/made /etc/written'
kill $victim $waiting
wait $victim $waiting 2>/dev/null
exec 8<&- 9<&-
rm -rf /tmp/accomplice /run/accomplice /run/secret /home/vmuser/.ssh /home/vmuser/secret /vms $p
fingerprint_after "everything is back"
done_testing
