# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# jail - what QEMU finds around it: the stand-in reports it from inside
. "$LAB_DIR/lib.sh"

standin_profile /etc/vfio-run/demo.profile report,guest-off-after=1
fingerprint_before
exec 9</etc/hostname 8<"$PCI" # descriptors that must not get in
export SECRET=42 LD_DEBUG_OUTPUT=/tmp/x QEMU_MODULE_DIR=/tmp
out=$(vfio_run demo 2>&1)
is $? 0 "the run"
exec 8<&- 9<&-
jail=$(printf '%s\n' "$out" | sed -n 's/^demo: .*jail: //p')

like "$jail" '^pid: 1$' "it is pid 1 of its own namespace"
like "$jail" '^uid: 1500 1500 1500$' "all of its user ids are the user's"
like "$jail" '^gid: 1500 1500 1500$' "all of its group ids too"
like "$jail" '^groups:$' "no supplementary groups"
like "$jail" '^capabilities: effective 0+ permitted 0+ inheritable 0+$' "no capabilities"
like "$jail" '^capabilities in the bounding set: 0$' "none to be had either"
like "$jail" '^no_new_privs: 1$' "no new privileges"
is "$(printf '%s\n' "$jail" | sed -n '/cloexec/d;s/^fd: \([0-9]*\).*/\1/p' | sort -n | tr '\n' ' ')" "0 1 2 3 " \
	"descriptors 0 to 3 and no other were handed over"
is "$(printf '%s\n' "$jail" | sed -n 's/^path: \/dev\/\([^ ]*\) .*/\1/p' | sort | tr '\n' ' ')" \
	"fd full null random urandom vfio vfio/$(group_of $LAB_GPU) vfio/vfio zero " "its /dev holds what the VM needs"
like "$jail" "^path: /dev/vfio/$(group_of $LAB_GPU) 020600 1500:1500" "the group's node is the user's, there"
unlike "$jail" 'SECRET|LD_DEBUG|QEMU_MODULE' "nothing of the caller's environment"
for ns in pid mnt ipc uts; do
	unlike "$jail" "^namespace: $(readlink /proc/self/ns/$ns | sed 's/[][]/./g')\$" "its own $ns namespace"
done
like "$jail" '^limit: memlock 1140850688 1140850688$' "it may lock the guest's memory and 1 GiB"
like "$jail" '^limit: core 0 0$' "no core file"
like "$jail" '^cwd: /$' "it stands in /"
fingerprint_after "everything is back"
done_testing
