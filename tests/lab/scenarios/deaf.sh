# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# deaf - the file system of a VM's disk does not answer its jail: refused, nothing touched
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile

modprobe fuse 2>/dev/null
[ -c /dev/fuse ] || skip_all "the kernel has no FUSE"
standin_profile /etc/vfio-run/other.profile guest-off-after=1
profile $p '[disk]' 'path = /srv/deaf/disk.raw'
wait_for 20 test -e /dev/snd/controlC0
vfio_run other >&2 # the modules are there from now on
wait_for 20 test -e /dev/snd/controlC0
mkdir -p /srv/deaf
fingerprint_before
deaf-fs /srv/deaf 1500 1500 keeper &
deaf=$!
wait_for 10 test -e /srv/deaf/disk.raw

vfio_run demo >/tmp/out 2>&1
is $? 3 "a jail that hangs before anything was changed: exit 3"
unlike "$(cat /tmp/out)" ' -> ' "nothing was changed"
like "$(cat /tmp/out)" 'does their file system answer' "it says what to look at"
like "$(cat /tmp/out)" 'process [0-9]+, which opens its files, waits in the kernel' "and who stays for now"
[ ! -e /run/vfio-run/vm ]
is $? 0 "no VM is left"
vfio_run other >/tmp/out 2>&1
is $? 0 "its locks are free: another VM takes the card meanwhile"
kill $deaf
wait $deaf
umount /srv/deaf
ok "it goes when the file system does" wait_for 20 sh -c '! pgrep "^(vfio-run|vfio-standby)"'
vfio_run recover >&2
fingerprint_after "everything is as it was"
done_testing
