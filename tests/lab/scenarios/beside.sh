# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# beside - swtpm, virtiofsd and a program of the user's beside a QEMU with real devices: killed, failing and
# hanging, at their start and later, everything is back and nothing survives
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
export PROFILE_QEMU=qemu-system-x86_64
daemon=
for d in /usr/libexec/virtiofsd /usr/lib/qemu/virtiofsd; do [ -n "$daemon" ] || [ ! -x $d ] || daemon=$d; done
if [ -z "$daemon" ] || ! command -v swtpm_setup >/dev/null; then skip_all 'no swtpm or no virtiofsd here'; fi
mkfifo -m 666 /home/vmuser/fifo && mkdir -p /home/vmuser/share && printf %08d 0 >/home/vmuser/share/viewer && chown -R vmuser /home/vmuser/share
# It has a child that is no child of its own any more, in a session of its own.
cat >/home/vmuser/viewer <<'SCRIPT'
#!/bin/sh
(setsid /home/vmuser/viewer-child &)
printf %08d $$ >/home/vmuser/share/viewer
read -r nothing <>/home/vmuser/fifo
SCRIPT
cat >/home/vmuser/viewer-child <<'SCRIPT'
#!/bin/sh
trap 'echo asked >/tmp/viewer/asked; exit' TERM
cp /proc/self/cgroup /tmp/viewer/where
read -r nothing <>/home/vmuser/fifo
SCRIPT
chmod 755 /home/vmuser/viewer /home/vmuser/viewer-child && mkdir -m 777 /tmp/viewer # where no fingerprint is taken
profile /etc/vfio-run/beside.profile '[tpm]' 'version = 2.0' '[share]' 'path = /home/vmuser/share' 'tag = share' \
	'[program]' 'run = /home/vmuser/viewer' '[display]' 'type = none'
sed -i 's/^shutdown-timeout = .*/shutdown-timeout = 1s/' /etc/vfio-run/beside.profile
fingerprint_before

start() {
	: >/tmp/out
	$own -v beside >/tmp/out 2>&1 &
	run=$!
	wait_for 180 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
	qemu=$(sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out)
}
pid_of() { vfio_run status beside | sed -n "s/.*[ ,]$1 \\([0-9]*\\).*/\\1/p"; }
nothing_beside() { ! pgrep -x 'swtpm|virtiofsd|viewer|viewer-child' >&2; }
finish() { # NAME CODE
	wait $run
	is $? "$2" "$1: exit $2"
	ok "$1: nothing survives" wait_for 10 nothing_beside
	fingerprint_after "$1: everything is back"
}
no_device_row() { unlike "$(cat /tmp/out)" "$LAB_GPU.*driver:" "$1: no device was touched"; }

# ---- as it should be
start
is "$(find "/proc/$qemu/fd" -lname 'anon_inode:\[vfio-device\]' | wc -l)" 2 "QEMU has both functions"
for role in swtpm share-1 program-1; do isnt "$(pid_of $role)" "" "$role runs"; done
is "$(stat -c '%U %a' /home/vmuser/.local/state/vfio-run/beside/tpm/tpm2-00.permall)" "vmuser 600" "the TPM's state is its user's alone"
is "$(find "/proc/$(pid_of swtpm)/root/dev" -name 'vfio*' | wc -l)" 0 "swtpm sees no VFIO node"
ok "so does what it has left" wait_for 30 pgrep -x viewer-child
is "$(cat /tmp/viewer/where)" 0::/vfio-run/beside/program "in a cgroup of the programs' own"
kill -INT $run
sleep 1
kill -INT $run
finish "asked to" 0
is "$(cat /tmp/viewer/asked)" asked "what a program has left was asked to end"
fingerprint_before

# ---- killed while it runs
start
kill -KILL "$(pid_of swtpm)" "$(pid_of share-1)" "$(pid_of program-1)"
ok "swtpm's death is told at once" wait_for 10 grep -q 'swtpm was ended by signal 9.*cannot be rebooted' /tmp/out
ok "virtiofsd's death is told" wait_for 10 grep -q 'share-1 was ended by signal 9.*goes on without it' /tmp/out
ok "the guest runs on" vfio_run status beside
vfio_run reset beside >/dev/null 2>&1 || kill -INT $run
kill -INT $run
sleep 1
kill -INT $run
wait $run
ok "all killed: nothing survives" wait_for 10 nothing_beside
fingerprint_after "all killed: everything is back"

# ---- one that hangs does not delay the card
start
kill -STOP "$(pid_of swtpm)" "$(pid_of share-1)" "$(pid_of program-1)"
kill -KILL "$qemu"
card_is_back() { drivers_are bochs-drm $LAB_GPU && drivers_are snd_hda_intel $LAB_AUDIO; }
ok "QEMU is killed, all others hang: the card is back" wait_for 60 card_is_back
ok "before they have ended" pgrep -x swtpm
finish "QEMU is killed, all others hang" 1

# ---- the keeper, and everything
start
kill -KILL $run
ok "the keeper is killed: its standby ends them" wait_for 60 nothing_beside
ok "and gives the devices back" wait_for 60 fingerprint_same before
start
# shellcheck disable=SC2046 # several
kill_all $(vfio_run status --json beside | grep -o '"pid": *[0-9]*' | grep -o '[0-9]*' | sort -u)
vfio_run recover >&2
ok "all processes are killed: nothing survives" wait_for 10 nothing_beside
ok "recover: everything is back" wait_for 60 fingerprint_same before

# ---- at their start: no device is touched
instead() { # PROGRAM LINE
	printf '#!/bin/sh\n%s\n' "$2" >/tmp/instead && chmod 755 /tmp/instead
	mount --bind /tmp/instead "$1"
}
for program in /usr/bin/swtpm "$daemon"; do
	instead "$program" 'exit 7'
	fingerprint_before
	: >/tmp/out
	$own -v beside >/tmp/out 2>&1 &
	run=$!
	finish "$program fails" 1
	like "$(cat /tmp/out)" 'has ended with status 7' "$program fails: it is named"
	no_device_row "$program fails"
	umount "$program"
	instead "$program" 'exec sleep 1000'
	fingerprint_before
	: >/tmp/out
	$own -v beside >/tmp/out 2>&1 &
	run=$!
	sleep 15
	kill -INT $run
	finish "$program hangs" 4
	no_device_row "$program hangs"
	umount "$program"
done
mount --bind /dev/null /usr/bin/swtpm
fingerprint_before
$own beside >/tmp/out 2>&1
is $? 3 "no swtpm: exit 3"
like "$(cat /tmp/out)" 'apt install swtpm' "and its package"
fingerprint_after "nothing was touched"
umount /usr/bin/swtpm
done_testing
