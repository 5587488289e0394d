# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# tests/lab/lib.sh - what scenarios share: TAP, waiting, the fingerprint, drivers, profiles
#
# A scenario starts with `. "$LAB_DIR/lib.sh"`, and ends with done_testing, or plans with
# `plan N` first. Stdout is TAP; everything else belongs on stderr, the console.

# shellcheck disable=SC2034
LAB_GPU=0000:01:00.0 LAB_AUDIO=0000:01:00.1
PCI=/sys/bus/pci/devices
tests_run=0

# ---- TAP -----------------------------------------------------------------------------

plan() { echo "1..$1"; planned=1; }
done_testing() { [ -n "${planned:-}" ] || echo "1..$tests_run"; }
skip_all() { echo "1..0 # SKIP $*"; exit 0; }
diag() { printf '%s\n' "$*" | sed 's/^/# /'; }
diag_file() { sed 's/^/#   /' "$1"; }

pass() { tests_run=$((tests_run + 1)); echo "ok $tests_run - $*"; }
fail() { tests_run=$((tests_run + 1)); echo "not ok $tests_run - $*"; return 0; }
skip() { tests_run=$((tests_run + 1)); echo "ok $tests_run - $1 # SKIP $2"; }

# ok NAME COMMAND...: passes when the command succeeds; its output goes to the console.
ok() {
	_name=$1
	shift
	if "$@" >&2; then pass "$_name"; else fail "$_name"; diag "failed: $*"; fi
}
# not_ok NAME COMMAND...: passes when the command fails.
not_ok() {
	_name=$1
	shift
	if "$@" >&2; then fail "$_name"; diag "succeeded: $*"; else pass "$_name"; fi
}
# is GOT WANTED NAME
is() {
	if [ "$1" = "$2" ]; then pass "$3"; else fail "$3"; diag "     got: $1"; diag "expected: $2"; fi
}
isnt() {
	if [ "$1" != "$2" ]; then pass "$3"; else fail "$3"; diag "got what it must not be: $1"; fi
}
# like TEXT EXTENDED-REGEX NAME
like() {
	if printf '%s\n' "$1" | grep -Eq -- "$2"; then pass "$3"; else fail "$3"; diag "no match for: $2"; diag "$1"; fi
}
unlike() {
	if printf '%s\n' "$1" | grep -Eq -- "$2"; then fail "$3"; diag "matches: $2"; diag "$1"; else pass "$3"; fi
}

# keep NAME FILE: for people: it is NAME beside the lab's logs afterwards (tests/lab/log in the build folder)
keep() { echo "# lab-file $1" && sed 's/^/# lab-line /' "$2"; }

# ---- waiting -------------------------------------------------------------------------

# wait_for SECONDS COMMAND...: until the command succeeds; its status is the answer.
# What a program in the background writes, and is waited for here, is emptied before it is started: its own
# `>FILE` is carried out by another process, and what the last one said would be found.
# The deadline is for what never comes: no test asserts how long something took. It is that of a quiet
# machine, and three times as long from ten seconds on, for one that is not.
wait_for() {
	_patience=$1
	[ "$1" -lt 10 ] || _patience=$(($1 * 3))
	_deadline=$(($(now) + _patience))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(now)" -lt $_deadline ] || return 1
		busybox usleep 100000
	done
}
# now: seconds since the lab's start
now() { read -r _up _ </proc/uptime && echo "${_up%.*}"; }
gone() { ! kill -0 "$1" 2>/dev/null; }

# kill_all PID...: at once, as far as they can tell: none sees another one die before it
kill_all() { kill -STOP "$@" || :; kill -KILL "$@"; } # one that is gone meanwhile leaves no other stopped

# ---- devices -------------------------------------------------------------------------

# driver_of ADDRESS: its driver's name, or nothing
driver_of() {
	_driver=$(readlink "$PCI/$1/driver")
	echo "${_driver##*/}"
}
override_of() { cat "$PCI/$1/driver_override"; }
group_of() { basename "$(readlink "$PCI/$1/iommu_group")"; }
bound_to() { [ "$(driver_of "$1")" = "$2" ]; }
# drivers_are DRIVER ADDRESS...: all of them
drivers_are() {
	wanted=$1
	shift
	for address; do bound_to "$address" "$wanted" || return 1; done
}
# hold_nvme: makes a file system on the lab's NVMe disk and mounts it at /mnt
hold_nvme() {
	wait_for 20 test -b /dev/nvme0n1 || return
	busybox mke2fs -F /dev/nvme0n1 >&2 && modprobe ext4 && mount -t ext4 /dev/nvme0n1 /mnt
}
# outer COMMAND...: says QMP commands to the QEMU that is the lab itself, prints the answers
outer() { qmp-say -c /dev/ttyS2 '{"execute":"qmp_capabilities"}' "$@"; }

# ---- the fingerprint -----------------------------------------------------------------

# A sound card appears a while after its driver has the controller: the first look of a boot can be too early.
has_sound() {
	for _controller in /sys/bus/pci/drivers/snd_hda_intel/*:*; do
		[ ! -e "$_controller" ] || ls -d "$_controller"/sound/card*/controlC* >/dev/null 2>&1 || return 1
	done
}
# fingerprint_before [NAME]; fingerprint_after TITLE [NAME]: a test that the host is as it was.
fingerprint_before() {
	wait_for 10 has_sound
	fingerprint >"/tmp/lab/fingerprint.${1:-before}"
}
fingerprint_same() {
	fingerprint >/tmp/lab/fingerprint.after
	diff "/tmp/lab/fingerprint.${1:-before}" /tmp/lab/fingerprint.after >/tmp/lab/fingerprint.diff
}
fingerprint_after() {
	# What ends a moment later (a zombie's parent, a closing file) has a few seconds.
	if wait_for 10 fingerprint_same "${2:-before}"; then
		pass "$1"
	else
		fail "$1"
		diag_file /tmp/lab/fingerprint.diff
	fi
}

# ---- tables ------------------------------------------------------------------------------

# row WHAT TRY...: each try $times times from the same state on, which has to be there again; a line
# of the table says how often it was. A try is a function that succeeds when all went as promised.
row() {
	_what=$1
	shift
	fingerprint_before row
	for _try; do
		_good=0 _n=0
		while [ $_n -lt "${times:-5}" ]; do
			_n=$((_n + 1))
			: >/tmp/out
			if $_try; then _good=$((_good + 1)); else
				diag_file /tmp/out
				diag_file /tmp/lab/fingerprint.diff 2>/dev/null
				vfio_run recover >&2
			fi
		done
		diag "| $_what | $_try | $_good of $_n |"
		is $_good $_n "$_what: $_try"
	done
}

# ---- tries of several tables: a VM `one` with the stand-in as QEMU, and the ways in which it ends ----

LAB_PROCESSES='^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-standin)'
nobody() { ! pgrep "$LAB_PROCESSES"; }
came_back() { wait_for 60 nobody && wait_for 20 fingerprint_same row; }

# begin NAME...: VMs that run; $first and $run are the keepers of the first and of the last one
begin() {
	first=
	for name; do
		/usr/local/bin/vfio-run "$name" >>/tmp/out 2>&1 &
		run=$!
		first=${first:-$run}
		wait_for 60 grep -q running "/run/vfio-run/vm/$name/status" || return
	done
}
# learn NAME...: a run of each, so that what a first run loads and learns is there for a row
learn() {
	for name; do
		begin "$name"
		vfio_run stop "$name" >&2
		wait
	done
}

stopped() {
	begin one && vfio_run stop one >&2 && wait "$run" && came_back
}
keeper_killed() {
	begin one || return
	kill -KILL "$run"
	wait "$run"
	[ $? = 137 ] && came_back
}
all_killed() {
	begin one || return
	# shellcheck disable=SC2046 # one word each
	kill_all "$run" $(pgrep -P "$run" vfio-standby)
	wait "$run"
	vfio_run recover >&2 && came_back
}
detached() {
	vfio_run detach $LAB_GPU >&2 && drivers_are vfio-pci $LAB_GPU $LAB_AUDIO && vfio_run attach >&2 && came_back
}

# ---- the driver that misbehaves: topology `naughty` -------------------------------------

LAB_NAUGHTY_DEVICE=0000:03:00.0 LAB_NAUGHTY_SECOND=0000:03:00.1
naughty_parameters=/sys/module/naughty/parameters

# naughty_load [PARAMETER=VALUE...]: loads it anew; both functions are bound to it. Only function 0
# misbehaves. With name=snd_naughty vfio-run gives it 10 s, as it does every sound driver.
naughty_load() {
	[ -n "${LAB_NAUGHTY:-}" ] || return
	rmmod naughty 2>/dev/null
	insmod "$LAB_NAUGHTY" device=$LAB_NAUGHTY_DEVICE "$@" >&2
}
# naughty PARAMETER VALUE: from now on
naughty() { echo "$2" >"$naughty_parameters/$1"; }
# naughty_for_good: what is told now never ends; the lab is reset instead of powered off
naughty_for_good() { : >/tmp/lab/locked-for-good; }
naughty_said() { cat "$naughty_parameters/$1"; }
# naughty_profile FILE SWITCHES: both its functions and the card, the stand-in as QEMU
naughty_profile() {
	profile "$1" '[pci]' "device = $LAB_NAUGHTY_DEVICE" 'group = slot' \
		'[qemu]' 'argument = -standin' "argument = $2"
}

# ---- packages that the machine lacks: `# packages: NAME...` in a scenario -----------------------

# use_packages: unpacks them onto the lab's root; none of their scripts is run
use_packages() {
	for _deb in "${LAB_PACKAGES:-/nonexistent}"/*.deb; do
		[ -e "$_deb" ] || continue # /lib may be a link
		dpkg --fsys-tarfile "$_deb" | tar -x --keep-directory-symlink -C / || diag "not unpacked: $_deb"
	done
	ldconfig
}

# package_user NAME: a system user, as a package's own script would have made it
package_user() {
	! grep -q "^$1:" /etc/passwd || return 0
	_id=$((700 + ${#1}))
	echo "$1:x:$_id:$_id::/:/usr/sbin/nologin" >>/etc/passwd
	echo "$1:x:$_id:" >>/etc/group
}

# ---- under systemd: sessions of the VMs' user -----------------------------------------------------

# polkit_says_yes: to everybody and everything. It is pkexec's package's script that makes pkexec set-uid.
polkit_says_yes() {
	package_user polkitd
	! command -v pkexec >/dev/null || chmod 4755 "$(command -v pkexec)"
	mkdir -p /etc/polkit-1/rules.d
	echo 'polkit.addRule(function() { return polkit.Result.YES; });' >/etc/polkit-1/rules.d/00-lab.rules
	chmod -R a+rX /etc/polkit-1
	systemctl daemon-reload
	systemctl reload dbus
	systemctl restart polkit >&2 || diag "polkit does not start"
}
# what is left of the user's sessions is ended; so a VM that is still to run must have left them
end_sessions() {
	systemctl stop user-1500.slice
	wait_for 20 sh -c '! systemctl --quiet is-active user-runtime-dir@1500.service'
}

# ---- under systemd: a desktop on the card -----------------------------------------------------------

# desktop_make: the unit $desktop, which is the display manager and holds $node; lab-other, which does not run
desktop=lab-desktop.service
desktop_make() {
	node=/dev/dri/$(basename "$(ls -d $PCI/$LAB_GPU/drm/card*)")
	wait_for 20 test -c "$node"
	printf '[Service]\nExecStart=/bin/sh -c "exec 3<>%s && exec sleep 100000"\n' "$node" >/run/systemd/system/$desktop
	ln -sf $desktop /run/systemd/system/display-manager.service
	printf '[Service]\nExecStart=/bin/sleep 100000\n' >/run/systemd/system/lab-other.service
	systemctl daemon-reload
	systemctl start user.slice # it stays once it was there
}
active() { systemctl --quiet is-active $desktop; }
inactive() { ! active; }
holds() { find /proc/[0-9]*/fd -lname "$node" 2>/dev/null | grep -q .; }
# start: the VM one, without a terminal, with -y; $run is what was typed
start() {
	: >/tmp/out
	setsid /usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null &
	run=$!
	wait_for 60 grep -q running /run/vfio-run/vm/one/status
}
ended() { ! pgrep "$LAB_PROCESSES"; }
# back WHAT: the VM has ended, and the desktop is as it was
back() {
	ok "$1: all has ended" wait_for 60 ended
	ok "$1: the desktop runs" wait_for 20 active
	ok "$1: it has the card" wait_for 20 holds
	fingerprint_after "$1: everything is back" || diag_file /tmp/out
}

# ---- a real desktop: topology `desktop` ------------------------------------------------------------------

# screen [CARD]: what the emulated monitor shows, that of the first card or of one that the topology names:
# `number N`, when a terminal draws one, and `colours N`
# shellcheck disable=SC2120 # scenarios pass it
screen() {
	outer "{\"execute\":\"screendump\",\"arguments\":{\"filename\":\"$LAB_SCREEN\"${1:+,\"device\":\"$1\"}}}" >/dev/null
	picture /dev/vdc
}
# type_in LINE: into the terminal of the session, once there is one that reads. Its FIFO is marked by its mode: an
# inode has the same number in the next session, when all of the user's had ended and /run/user/1500 is a new one.
type_in() {
	# shellcheck disable=SC2016 # the inner shell expands
	wait_for 60 timeout 2 sh -c '[ -p /run/user/1500/keys ] && chmod 0600 /run/user/1500/keys && echo "$1" >/run/user/1500/keys' type "$1"
}
# shellcheck disable=SC2119 # the first card's
shows() { screen | grep -q "^number $1\$"; }
# The shell of a session that has ended may live on, and read what was typed for the next one.
new_terminal() { [ -p /run/user/1500/keys ] && [ "$(stat -c %a /run/user/1500/keys)" != 600 ]; }
# What is a session's own is another one's in the next: its number, its manager's services, what it writes down
# (Xsession and Xorg keep the one before), lightdm's number, the socket that greetd leaves, udev's times, its list
# of HDA cards, a line more each time one appears (systemd 257), its workers, which come and go, and the
# terminal that the kernel makes to sleep on.
session_before() { desktop_fingerprint >/tmp/lab/session.before; }
# By way of a file: a sed that reads a pipe is in /proc at one time, and at another not yet.
desktop_fingerprint() {
	fingerprint >/tmp/lab/session.all
	sed -e 's/session-c\{0,1\}[0-9]*\.scope/session.scope/' \
		-e '\|^path /run/udev/data/|d' -e '\|^path /run/udev/alsa-hda-|d' -e '\|/systemd/units/invocation:|d' -e '\|^path /run/utmp|d' -e '\|/\.xsession-errors|d' -e '\|/xorg/Xorg\.|d' -e '\|^path /run/lightdm\.pid|d' -e '\|/\.Xauthority|d' -e '\|/\.serverauth|d' -e '\|^path /run/greetd-|d' -e '/^process (udev-worker)/d' -e '\|[ /]vcs[ua]\{0,1\}63\([: /]\|$\)|d' /tmp/lab/session.all
}
session_same() {
	desktop_fingerprint >/tmp/lab/session.after
	diff /tmp/lab/session.before /tmp/lab/session.after >/tmp/lab/session.diff
}
session_after() {
	if wait_for 20 session_same; then pass "$1"; else
		fail "$1"
		diag_file /tmp/lab/session.diff
	fi
}
# draws: a program of the session draws a number that is chosen now, and that is on the screen
draws() {
	_number=$(od -A n -t u2 -N 2 /dev/urandom | tr -d ' ')
	type_in "/usr/lib/vfio-run-lab/picture draw $_number" && wait_for 30 shows "$_number"
}
runs() { grep -q running /run/vfio-run/vm/one/status; }
# card_names: the nodes of the card and its connectors
card_names() { find $PCI/$LAB_GPU/drm/ \( -name 'card*' -o -name 'render*' \) -printf '%f\n' | sort | tr '\n' ' '; }
# session_profile FILE LINE...: standin_profile with the stand-in's $switches, and these lines in [session]
session_profile() {
	_file=$1
	shift
	standin_profile "$_file" "${switches:-say=hello}"
	sed -i '/^\[qemu\]/i [session]' "$_file"
	for _line; do sed -i "/^\[qemu\]/i $_line" "$_file"; done
}
# press_power: the machine's power button, which logind acts on when nobody asks it not to
press_power() { outer '{"execute":"system_powerdown"}' >/dev/null; }
# desktop_back WHAT: the VM has ended, and the desktop is back, with a picture
desktop_back() {
	ok "$1: all has ended" wait_for 120 ended
	ok "$1: the card is on its driver" drivers_are bochs-drm $LAB_GPU
	ok "$1: the desktop runs" wait_for 20 active
	wait_for 60 new_terminal
	ok "$1: and a program of its session draws what is on the screen" draws
}

# ---- vfio-run ------------------------------------------------------------------------

# Runs the program under test; stage2 installed it.
vfio_run() { /usr/local/bin/vfio-run "$@"; }
# The same with ASCII signs, and what check has wrapped in one line again, for patterns.
vfio_run_ascii() {
	LC_ALL=C /usr/local/bin/vfio-run "$@" >/tmp/lab/ascii
	ascii_status=$?
	sed -e ':a' -e N -e '$!ba' -e 's/\n \{20,\}\([^ -]\)/ \1/g' /tmp/lab/ascii
	return $ascii_status
}
have_vfio_run() { [ -x /usr/local/bin/vfio-run ]; }

# plain_profile FILE [LINE...]: a profile that root owns, VM user vmuser, the stand-in as QEMU,
# no device, 64 MB or PROFILE_MEMORY; further lines are added as they stand.
plain_profile() {
	file=$1
	shift
	mkdir -p "$(dirname "$file")"
	{
		echo '[vm]'
		echo 'user = vmuser'
		echo "memory = ${PROFILE_MEMORY:-64M}"
		echo 'cpus = 1'
		echo 'accel = tcg'
		echo 'firmware = bios'
		echo "qemu = ${PROFILE_QEMU:-$LAB_STANDIN}"
		echo 'shutdown-timeout = 20s'
		[ $# = 0 ] || printf '%s\n' "$@"
	} >"$file"
	chmod 0644 "$file"
}
# profile FILE [LINE...]: the same with the card as [gpu]
profile() {
	file=$1
	shift
	plain_profile "$file" '[gpu]' "device = $LAB_GPU" "$@"
}
# standin_profile FILE SWITCHES: like profile, with switches for the stand-in
standin_profile() { profile "$1" '[qemu]' 'argument = -standin' "argument = $2"; }
