# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# unmount - the host's file systems on a disk go before a VM gets it, and are back after, however it ends
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
nvme=0000:03:00.0
disk=/dev/nvme0n1
data=/srv/data

# wants SECTION LINE...: a VM with these lines
wants() { plain_profile /etc/vfio-run/other.profile '[display]' 'type = none' "$@" 'unmount = yes' '[qemu]' 'argument = -standin' 'argument = say=hello'; }
start() {
	: >/tmp/out
	$own other >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q 'the guest runs' /tmp/out && return
	fail "the guest runs"
	diag_file /tmp/out
}
# refused WHAT REGEX: by a run, which touches nothing
refused() {
	fingerprint_before
	out=$(timeout 60 $own other 2>&1)
	is $? 3 "$1: exit 3"
	like "$out" "$2" "$1: it says why"
	fingerprint_after "$1: nothing was touched"
}
free() { ! grep -q "$disk" /proc/self/mountinfo; }
alive() { [ "$(cat $data/file)" = alive ] && echo more >>$data/again/log; }

wait_for 20 test -b $disk
busybox mke2fs -F $disk >&2 && modprobe ext4
mkdir -p $data && mount -t ext4 -o nosuid,noatime $disk $data
mkdir $data/again && mount -t ext4 -o noexec $disk $data/again
echo alive >$data/file

wants '[pci]' "device = $nvme"
like "$($own -n other)" "mount $data/again: ext4 on .*: rw,noexec,relatime.* -> unmounted" "the dry run shows each"
fingerprint_before
start
ok "while the VM runs nothing is mounted from it" free
is "$(driver_of $nvme)" vfio-pci "and its controller is the VM's"
kill -INT $run
wait $run
is $? 0 "the VM has ended"
fingerprint_after "all is mounted again as it was"
ok "and holds what it held" alive

start
kill -KILL $run
wait $run
wait_for 60 sh -c '! pgrep "vfio-standby"'
fingerprint_after "its keeper is killed, and all is mounted"

start
# shellcheck disable=SC2046 # one word each
kill_all $run $(pgrep -x vfio-standby)
wait $run
wait_for 60 sh -c '! pgrep -x standin'
ok "everything is killed: nothing is mounted" free
$own recover >&2
is $? 0 "recover"
fingerprint_after "has mounted all"

wants '[disk]' "path = $disk" 'bus = virtio'
chown vmuser $disk
fingerprint_before
start
ok "the disk itself, while the VM runs" free
is "$(driver_of $nvme)" nvme "stays the host's"
kill -INT $run
wait $run
is $? 0 "that VM has ended"
fingerprint_after "all is mounted again"
chown root $disk
wants '[pci]' "device = $nvme"

sh -c "cd $data/again && : >/tmp/there && exec sleep 1000" &
holder=$!
wait_for 20 test -e /tmp/there
refused "a process in it" "$data/again is in use by process $holder \(sleep\): $data/again"
kill $holder
wait $holder 2>/dev/null
rm /tmp/there
unshare -m sh -c ': >/tmp/there && exec sleep 1000' &
holder=$!
wait_for 20 test -e /tmp/there
refused "another mount namespace" "is mounted for process $holder \(sleep\) alone, too"
kill $holder
wait $holder 2>/dev/null
mkdir -p $data/tmp && mount -t tmpfs tmpfs $data/tmp
refused "another file system on it" "tmpfs is mounted at $data/tmp, which is on $disk"
umount $data/tmp
mkdir $data/sub && mount --bind $data/sub $data/tmp
refused "a bind mount" "only a directory of it is mounted there|bind mount"
umount $data/tmp
dd if=/dev/zero of=$data/image.raw bs=1M count=1 2>/dev/null && chown vmuser $data/image.raw
wants '[disk]' "path = $data/image.raw" '[pci]' "device = $nvme"
refused "an image of the VM's own on it" "$data/image.raw is at $data, and would be gone"
rm $data/image.raw
wants '[pci]' "device = $nvme"
mkdir -p /srv/real && umount $data/again && umount $data && rmdir $data && ln -s /srv/real $data && mount $disk $data
fingerprint_before
start
kill -INT $run
wait $run
fingerprint_after "a mount point behind a symbolic link"
start
ok "nothing stands at the mount point" rmdir /srv/real
ln -s /etc /srv/real
kill -INT $run
wait $run
is $? 5 "it was made a link: exit 5"
like "$(cat /tmp/out)" 'a part of the path is a symbolic link now' "it says so"
ok "and nothing is mounted behind it" free
rm /srv/real && mkdir /srv/real
$own recover >&2
is $? 0 "a directory again: recover"
ok "has mounted it" grep -q "/srv/real .*$disk" /proc/self/mountinfo
sysfs=/sys/fs/ext4/nvme0n1
if [ -w $sysfs/trigger_fs_error ]; then
	echo damaged >$sysfs/trigger_fs_error
	refused "errors were seen" "the file system at /srv/real has errors"
else
	skip "errors were seen" "this kernel cannot be told to see one"
fi
umount /srv/real
done_testing
