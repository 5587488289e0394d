# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# tests/lab/matrix/cases.sh - the crash matrix: which commands, whose calls, how many of them
#
# Sourced by the scenarios matrix-1 and matrix-2: $shard is 1/2 or 2/2. In `make check` they share the
# cases, because finding a case's calls takes as long as thirty of its points; it is a number of points
# for each case, 300 in all, evenly over all faults that there are; from commit to commit the next
# ones, so that all have their turn. With LAB_ALL they share the points, and it is all of them, and of
# faults after a death one of ten, at more places.
. "$LAB_DIR/lib.sh"
twice=10 # of a death and a fault, one in so many
shard=${shard:-1/1}
# a pattern of titles: for looking at one case
only=${only:-${MATRIX_ONLY:-.}}
kept=detach-$LAB_GPU.journal
# shellcheck disable=SC2089,SC2090
attach_if_kept="[ ! -e /run/vfio-run/state/$kept ] || vfio-run attach"

PROFILE_MEMORY=4M standin_profile /etc/vfio-run/demo.profile guest-off-after=20
wait_for 20 test -e /dev/snd/controlC0
vfio_run demo >&2 # the modules are there from now on
vfio_run detach $LAB_GPU >&2 && vfio_run attach >&2
wait_for 20 test -e /dev/snd/controlC0
# A sound card's probe asks for modules that are there by now, or that do not exist: a tenth of the time.
echo >/proc/sys/kernel/modprobe

modprobe -a loop ext4
mkdir -p /mnt/frozen
busybox dd if=/dev/zero of=/tmp/frozen.img bs=1M count=4 2>/dev/null
busybox mke2fs -F /tmp/frozen.img >&2
mount -t ext4 -o loop /tmp/frozen.img /mnt/frozen
: >/mnt/frozen/log

# case_of HALF POINTS TITLE OPTION...: HALF is the scenario of `make check` that has it
case_of() {
	half=$1 points=$2 title=$3
	shift 3
	printf '%s\n' "$title" | grep -Eq -- "$only" || return 0
	if [ -n "${LAB_ALL:-}" ]; then
		set -- -n "$shard" "$@"
	else
		[ "$half/2" = "$shard" ] || return 0
		set -- -P "$points" "$@"
	fi
	diag "$title"
	matrix -o "${LAB_COMMITS:-0}" "$@"
	is $? 0 "$title"
}
kills="keeper:1,standby:1,worker:1"

case_of 1 50 "a run, each of its processes killed" -m demo.journal+ -w "$kills" -z 03 \
	-r 'vfio-run recover' -- vfio-run demo
# Kinds that a card alone does not need, and devices that are taken before QEMU is built.
plain_profile /etc/vfio-run/kinds.profile '[gpu]' "device = $LAB_GPU" 'eject = no' \
	'[pci]' 'device = 0000:02:00.0' 'reset = none' '[net]' 'mode = bridge' 'bridge = labbr0' 'queues = 1' '[qemu]' 'argument = -standin' 'argument = guest-off-after=20'
sed -i 's/^memory = .*/memory = 4M\nhugepages = 2M/' /etc/vfio-run/kinds.profile
modprobe -a tun bridge && ip link add labbr0 type bridge && ip link set labbr0 up
vfio_run kinds >&2
case_of 1 18 "a run with huge pages, a link, a reset, and its card before QEMU" -m kinds.journal+ -w "$kills" -e 2 \
	-r 'vfio-run recover' -- vfio-run kinds
# What else a host without systemd can be changed in: file systems and a module go, two programs of the
# administrator's and a clock, for a disk, two cards and their driver that another module stands on.
other_kinds() {
	folder=/run/modules/lib/modules/$(uname -r)
	mkdir -p "$folder/extra"
	cp "$LAB_NAUGHTY" "$(dirname "$LAB_NAUGHTY")/naughty_above.ko" "$folder/extra/"
	cp "/lib/modules/$(uname -r)"/modules.builtin* "/lib/modules/$(uname -r)/modules.order" "$folder/"
	# shellcheck disable=SC2119
	naughty_load && insmod "$(dirname "$LAB_NAUGHTY")/clock.ko" && depmod -b /run/modules "$(uname -r)" &&
		mount --bind "$folder" "/lib/modules/$(uname -r)" && modprobe naughty_above || return
	busybox dd if=/dev/zero of=/tmp/data.img bs=1M count=4 2>/dev/null
	busybox mke2fs -F /tmp/data.img >&2
	data=$(losetup -f --show /tmp/data.img) && chown vmuser "$data" && mkdir -p /mnt/data && mount -t ext4 -o nosuid,noatime "$data" /mnt/data &&
		mkdir /mnt/data/again && mount -t ext4 -o noexec "$data" /mnt/data/again || return
	printf '#!/bin/sh\n' >/etc/vfio-run/down && chmod 0755 /etc/vfio-run/down
	profile /etc/vfio-run/others.profile '[pci]' "device = $LAB_NAUGHTY_DEVICE" 'group = slot' \
		'[disk]' "path = $data" 'format = raw' 'unmount = yes' '[host]' 'governor = performance' \
		'[session]' 'stop-command = /etc/vfio-run/down' 'start-command = /etc/vfio-run/down' 'unload-modules = naughty_above' \
		'[display]' 'type = none' '[qemu]' 'argument = -standin' 'argument = guest-off-after=20'
	sed -i 's/^memory = .*/memory = 4M/' /etc/vfio-run/others.profile
	vfio_run -y others >/tmp/others.out 2>&1
}
if printf 'a run with file systems, a module, a clock and programs\n' | grep -Eq -- "$only" && [ "$shard" = 1/2 ]; then
	if [ -z "${LAB_NAUGHTY:-}" ]; then
		skip "a run with file systems, a module, a clock and programs" "no module can be built here"
	elif ! other_kinds; then
		fail "a run with file systems, a module, a clock and programs"
		diag_file /tmp/others.out
	else
		[ -z "${LAB_ALL:-}" ] || shard=1/1 # the other half has no such modules
		case_of 1 20 "a run with file systems, a module, a clock and programs" -m others.journal+ -w keeper:8,standby:8,worker:8 -e 40 \
			-r 'vfio-run recover' -- vfio-run -y others
		is "$(vfio_run -n others | grep -cE 'mount /mnt/data|module naughty_above|governor of|/etc/vfio-run/down')" 5 \
			"of each of these kinds it has changes"
	fi
	shard=1/2
	umount /mnt/data/again /mnt/data "/lib/modules/$(uname -r)"
	rmmod naughty_above naughty clock
fi
# Where there are several CPUs, and a device with virtual functions: matrix-cpus, matrix-vfs.
if [ "$LAB_TOPOLOGY" = numa ]; then
	plain_profile /etc/vfio-run/away.profile 'pin = 3' 'emulator-pin = 2' '[host]' 'irq-affinity = away' '[display]' 'type = none' \
		'[gpu]' "device = $LAB_GPU" '[qemu]' 'argument = -standin' 'argument = vcpu-thread,guest-off-after=20'
	sed -i 's/^memory = .*/memory = 4M/' /etc/vfio-run/away.profile
	vfio_run away >&2
	like "$(vfio_run -n away)" 'CPUs of interrupts' "a run moves interrupts of the host"
	case_of 1 20 "interrupts: a run that moves them" -m away.journal+ -w keeper:8,standby:8,worker:8 -e 40 \
		-r 'vfio-run recover' -- vfio-run away
fi
if [ "$LAB_TOPOLOGY" = vfs ]; then
	wait_for 20 test -b /dev/nvme0n1
	plain_profile /etc/vfio-run/made.profile '[display]' 'type = none' '[pci]' 'device = 0000:03:00.0' 'vf = 1' 'vfs = 2' \
		'[qemu]' 'argument = -standin' 'argument = guest-off-after=20'
	sed -i 's/^memory = .*/memory = 4M/' /etc/vfio-run/made.profile
	like "$(vfio_run -n made)" 'virtual functions of 0000:03:00.0: 0 -> 2' "a run makes virtual functions"
	case_of 1 20 "virtual functions: a run that makes them" -m made.journal+ -w keeper:8,standby:8,worker:8 -e 40 \
		-r 'vfio-run recover' -- vfio-run made
fi
# From their fork on: while QEMU is built, touches its memory, is given each device, is reset, and runs.
case_of 2 16 "a run, QEMU and what talks to it killed" -m demo.journal+ -w vfio-qmp:1,qemu-standin:1 -z 013 \
	-r 'vfio-run recover' -- vfio-run demo
case_of 1 24 "a run, an error of each call" -m demo.journal+ -w keeper:0,standby:0,worker:0 -e 1 \
	-r 'vfio-run recover' -- vfio-run demo
case_of 1 14 "a run, before its journal is there" -m demo.journal+ -B -w keeper:1 -e 1 -x 0123 \
	-r 'vfio-run recover' -- vfio-run demo
# Whatever its words are for takes none, from before its start to after its end. A shell would
# open it with O_CREAT, which waits already. Two seconds a point: the end of each run waits for its words.
case_of 1 6 "a run with stderr on a frozen file system" -F -m demo.journal+ -w "$kills" -z 03 \
	-b 'fsfreeze -f /mnt/frozen' -a 'fsfreeze -u /mnt/frozen' -r 'vfio-run recover' \
	-- perl -e 'open(STDERR, "+<", shift) && exec @ARGV' /mnt/frozen/log vfio-run -q demo
case_of 1 16 "a run whose worker is held before each of its writes, the keeper killed then" \
	-m demo.journal+ -w worker:1 -H -r 'vfio-run recover' -- vfio-run demo
if [ -n "${LAB_ALL:-}" ]; then percents='10 20 30 40 50 60 70 80 90'; else percents='20 50 85'; fi
for percent in $percents; do
	half=1
	[ "$percent" -lt 85 ] || half=2
	case_of $half 10 "a run whose keeper was killed at $percent % of it" -m demo.journal+ -k "$percent" \
		-w "standby:$twice" -e "$twice" -r 'vfio-run recover' -- vfio-run demo
done
case_of 2 18 "detach" -j detach -m "$kept+" -w "$kills" -e 1 -x 0345 \
	-a "$attach_if_kept" -r 'vfio-run recover' -- vfio-run detach $LAB_GPU
# Refused with 3 they are detached as before.
case_of 2 14 "attach" -j attach -m "$kept+" -w "$kills" -e 1 -x 0345 \
	-b "vfio-run detach $LAB_GPU" -a "$attach_if_kept" -r 'vfio-run recover' -- vfio-run attach
# A detach without its last record was interrupted.
case_of 2 12 "recover" -j recover -m "$kept+" -w "$kills" -e 1 -x 05 \
	-b "vfio-run detach $LAB_GPU && sed -i /^class/d /run/vfio-run/state/$kept" \
	-r 'vfio-run recover' -- vfio-run recover
case_of 2 8 "a recover whose keeper was killed in the middle" -j recover -m "$kept+" -k 50 \
	-w "standby:$twice" -e "$twice" \
	-b "vfio-run detach $LAB_GPU && sed -i /^class/d /run/vfio-run/state/$kept" \
	-r 'vfio-run recover' -- vfio-run recover

# Where /proc hides processes none may take a hidden one for a dead one, nor for one that hangs.
mount -o remount,hidepid=4 /proc
case_of 2 14 "hidepid=4: a run, each of its processes killed" -m demo.journal+ -w "$kills" -z 03 \
	-r 'vfio-run recover' -- vfio-run demo
case_of 2 10 "hidepid=4: a run whose keeper was killed at 60 % of it" -m demo.journal+ -k 60 \
	-w "standby:$twice" -r 'vfio-run recover' -- vfio-run demo
case_of 2 10 "hidepid=4: detach" -j detach -m "$kept+" -w "$kills" -x 0345 \
	-a "$attach_if_kept" -r 'vfio-run recover' -- vfio-run detach $LAB_GPU
mount -o remount,hidepid=0 /proc

# QEMU itself: it is ended when its guest runs.
PROFILE_QEMU=qemu-system-x86_64 profile /etc/vfio-run/real.profile
cat >/tmp/run-real <<'SCRIPT'
#!/bin/sh
: >/tmp/real.out
vfio-run real >/tmp/real.out 2>&1 &
run=$!
until grep -q 'the guest runs' /tmp/real.out || ! kill -0 $run 2>/dev/null; do busybox usleep 50000; done
kill -TERM $run && busybox usleep 200000 && kill -TERM $run
wait $run
code=$?
cat /tmp/real.out
exit $code
SCRIPT
chmod +x /tmp/run-real
case_of 2 8 "a run with QEMU itself" -m real.journal+ -w keeper:4,standby:4,worker:16 \
	-z 03 -r 'vfio-run recover' -- /tmp/run-real
# Beside QEMU a TPM, a share and a program of the user's: the daemons are killed, and who would end them.
daemon=
for d in /usr/libexec/virtiofsd /usr/lib/qemu/virtiofsd; do [ -n "$daemon" ] || [ ! -x $d ] || daemon=$d; done
if [ -z "$daemon" ] || ! command -v swtpm_setup >/dev/null; then
	[ "$shard" = 1/2 ] || skip "a run with programs beside QEMU" "no swtpm or no virtiofsd here"
else
	mkdir -p /home/vmuser/share && chown vmuser /home/vmuser/share
	PROFILE_QEMU=qemu-system-x86_64 profile /etc/vfio-run/served.profile '[tpm]' 'version = 2.0' \
		'[share]' 'path = /home/vmuser/share' 'tag = share' '[program]' 'run = /usr/bin/sleep' 'argument = 1000'
	sed s/real/served/g /tmp/run-real >/tmp/run-served
	chmod +x /tmp/run-served
	case_of 2 12 "a run with programs beside QEMU, each process killed" -m served.journal+ \
		-w keeper:8,standby:8,worker:8,swtpm:2,virtiofsd:2 -z 013 -r 'vfio-run recover' -- /tmp/run-served
fi
done_testing
