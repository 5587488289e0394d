# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# owner - `detach --for USER`: the node of the devices' group is that user's until they are given back
. "$LAB_DIR/lib.sh"
node=/dev/vfio/$(group_of $LAB_GPU)
owner() { stat -c %U "$node"; }
as_user() { busybox su -s /bin/sh vmuser -c "$*"; }

fingerprint_before
out=$(vfio_run detach --for nobody_here $LAB_GPU 2>&1)
is $? 2 "a user that is not there"
like "$out" "for nobody_here: there is no such user" "is named"
out=$(vfio_run detach --for root $LAB_GPU 2>&1)
is $? 2 "root needs no node of its own"
like "$(vfio_run detach -n --for vmuser $LAB_GPU)" "owner of its VFIO node: 0 -> [1-9]" "-n shows it"
out=$(SUDO_UID=65534 SUDO_USER=nobody vfio_run detach --for vmuser $LAB_GPU 2>&1)
is $? 3 "somebody behind sudo names another user"
like "$out" "nobody can have devices for itself only" "and is refused"
fingerprint_after "nothing was touched"

ok "detach --for" vfio_run detach --for vmuser $LAB_GPU
is "$(owner)" vmuser "the node is the user's"
is "$(stat -c %a "$node")" 600 "and nobody else's"
: >/tmp/held
as_user "exec vfio-hold open $(group_of $LAB_GPU) $LAB_GPU" >/tmp/held 2>&1 &
ok "who can use the device" wait_for 20 grep -q holding /tmp/held
holder=$(pgrep -x vfio-hold)
out=$(vfio_run attach 2>&1)
is $? 3 "attach refuses while it is used"
like "$out" "process $holder" "and names the process"
is "$(owner)" vmuser "the node stays the user's"
kill -KILL "$holder"
wait
out=$(vfio_run attach 2>&1)
is $? 0 "attach"
diag "$out"
fingerprint_after "all is as it was"

# killed when all is done but its last word: what was begun is undone
vfio_run detach --for vmuser $LAB_GPU >/tmp/out 2>&1
chown root "$node"
out=$(vfio_run attach 2>&1)
is $? 0 "attach, when another program has changed it"
diag "$out"
fingerprint_after "as it was"
done_testing
