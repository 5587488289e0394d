# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# unload - a driver that hangs in its remove unless the module above it goes first
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
naughty_load || skip_all "the driver that misbehaves cannot be built here"
above=$(dirname "$LAB_NAUGHTY")/naughty_above.ko
standin_profile $p guest-off-after=0
vfio_run one >&2 # vfio's modules are there from now on, and the lab's modules not any more:
# the way back finds these two where modules are
version=$(uname -r)
mkdir -p "/run/modules/lib/modules/$version/extra"
cp "$LAB_NAUGHTY" "$above" "/run/modules/lib/modules/$version/extra/"
cp "/lib/modules/$version"/modules.builtin* "/lib/modules/$version/modules.order" "/run/modules/lib/modules/$version/"
depmod -b /run/modules "$version" && mount --bind "/run/modules/lib/modules/$version" "/lib/modules/$version"
modprobe naughty_above || skip_all "depmod does not find it"
loaded() { grep -q '^naughty_above ' /proc/modules; }
unloaded() { ! loaded; }
naughty_profile $p say=hello
sed -i 's/^\[qemu\]/[session]\nstop-command = \/etc\/vfio-run\/down\nstart-command = \/etc\/vfio-run\/down\nunload-modules = naughty_above\n[qemu]/' $p
printf '#!/bin/sh\n' >/etc/vfio-run/down
chmod 0755 /etc/vfio-run/down
like "$(vfio_run -n one 2>&1)" 'module naughty_above: loaded -> unloaded' "-n shows it"

fingerprint_before
: >/tmp/out
setsid /usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null &
run=$!
ok "the VM runs: nothing hangs" wait_for 60 grep -q running /run/vfio-run/vm/one/status || diag_file /tmp/out
ok "the module is unloaded" unloaded
ok "its driver's stays" grep -q '^naughty ' /proc/modules
vfio_run stop one >&2
wait $run
is $? 0 "exit 0" || diag_file /tmp/out
ok "it is loaded again" loaded
fingerprint_after "everything is back"
: >/tmp/out
setsid /usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null &
wait_for 60 grep -q running /run/vfio-run/vm/one/status
kill_all $(pgrep -x 'vfio-run|vfio-standby')
wait_for 60 sh -c '! pgrep -x vfio-hooks'
ok "both are killed: recover" vfio_run recover
ok "it is loaded again" loaded
fingerprint_after "and everything is back"

sed -i 's/naughty_above$/naughty_above,nf_tables/' $p
out=$(vfio_run_ascii one -y 2>&1)
is $? 3 "a module that has nothing to do with it: exit 3"
like "$out" 'unload-modules: nf_tables is not loaded, or does not use the driver' "it is named"
rmmod naughty_above
rmmod naughty
umount "/lib/modules/$version"
done_testing
