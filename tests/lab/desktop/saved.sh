# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # a part of tests/lab/run, whose variables these are
# tests/lab/desktop/saved.sh - the machine with the desktop: its disks; saved once, resumed for each job
#
# A desktop takes half a minute and more to come up, and 4 s when it is resumed. What is saved hangs on
# nothing but its root, QEMU and the arguments of this machine. Disks: the root; the job, of a fixed size
# and all zeros until there is one (agent in the root waits for it); and the last screendump,
# which the machine inside asks for (picture in lib.sh), a file that QEMU writes anew each time.

job_size=64M
: >"$work/job.img"
truncate -s $job_size "$work/job.img"
truncate -s 16M "$work/screen"
memory=2G initramfs=$root/initramfs stage2=/usr/lib/lab/start job=$desktop init=
# Debian 13's sway and mutter crashed at AVX2's gathers, which Mesa's software drawing is full of; that it
# is the emulator's fault is not shown. Qt 6.8 takes VAES for a sign of AVX2: KWin ends with SIGILL.
[ -z "$suite" ] || cpu=$cpu,avx2=off,vaes=off
drive() { echo "-drive if=none,id=$1,format=raw,readonly=on,file=$2 -device virtio-blk-pci,drive=$1,addr=$3"; }
root_fs="$(drive root "$root/root.erofs" 10) $(drive job "$work/job.img" 11) $(drive screen "$work/screen" 12)"
saved_key=$({ qemu-system-x86_64 --version; echo "$cpu $processors $memory $kernel_options $append $devices $root_fs" | sed "s|$work||g"
	sed -n '/^boot() {/,/^}/p' "$lab/run"; } | sha256sum | cut -c 1-16)
saved=$root/$topology-$desktop-${suite:-own}-$saved_key.zst

# qmp COMMAND...: to the machine that is being saved
qmp() { "$tools/qmp-say" -c "$work/save" '{"execute":"qmp_capabilities"}' "$@"; }

# is_up: a window of the session has drawn something
is_up() {
	grep -q lab-desktop-is-up "$work/booting" || return 1
	qmp "{\"execute\":\"screendump\",\"arguments\":{\"filename\":\"$work/screen\"}}" >/dev/null || return 1
	[ "$("$tools/picture" "$work/screen" | sed -n 's/^colours //p')" -ge "${desktop_colours:-3}" ]
}

# Boots, waits until the desktop is up, saves.
desktop_save() {
	(boot -qmp "unix:$work/save,server=on,wait=off" >"$work/booting" 2>&1) &
	booting=$!
	n=0
	until is_up; do
		n=$((n + 1))
		kill -0 $booting 2>/dev/null && [ $n -lt 600 ] || return 1
		sleep 1
	done
	qmp '{"execute":"migrate-set-parameters","arguments":{"max-bandwidth":10000000000}}' \
		"{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"exec:zstd -q -1 >$saved.new\"}}" >/dev/null
	until qmp '{"execute":"query-migrate"}' | grep -q '"status": "completed"'; do sleep 0.5; done
	qmp '{"execute":"quit"}' >/dev/null
	wait $booting || return 1
	mv "$saved.new" "$saved"
}

# One at a time saves it; a second one finds it.
desktop_saved() {
	(
		flock 7
		[ -e "$saved" ] && exit 0
		echo "# the desktop is saved once: $topology${suite:+, $suite}, $desktop" >&2
		started=$(date +%s)
		rm -f "$root/$topology-$desktop-${suite:-own}"-*.zst
		desktop_save || { tail -n 5 "$work/booting" >&2; exit 1; }
		echo "# that took $(($(date +%s) - started)) s, $(($(stat -c %s "$saved") >> 20)) MB" >&2
	) 7>"$root/lock"
}

# What is tested, as the second disk.
desktop_job() {
	truncate -s 16M "$work/screen" # what a screendump has made of it is smaller than the disk
	mkdir -p "$work/disk/scenarios" "$work/disk/programs"
	cp -r "$lab" "$work/disk/lab"
	cp "$work/job" "$work/disk/job"
	cp -r "$tools" "$work/disk/tools"
	for scenario in $scenarios; do cp "$scenario" "$work/disk/scenarios"; done
	for folder in bin sbin libexec lib; do
		[ ! -d "${programs:-$build}/$folder" ] || cp -r "${programs:-$build}/$folder" "$work/disk/programs"
	done
	mkfs.erofs "$work/disk.erofs" "$work/disk" >/dev/null 2>&1
	[ "$(stat -c %s "$work/disk.erofs")" -le "$(stat -c %s "$work/job.img")" ] || die "the disk of the job is too small"
	dd if="$work/disk.erofs" of="$work/job.img" conv=notrunc bs=1M 2>/dev/null
}
