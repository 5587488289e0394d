# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# matrix-kill - SIGKILL for the keeper at its calls, in all of its jobs; what is left is recovered
#
# A sample by default. For all points write `MATRIX_EVERY=1 . "$LAB_DIR/scenarios/matrix-kill.sh"`
# into a scenario of your own; that takes ten minutes.
. "$LAB_DIR/lib.sh"
every=${MATRIX_EVERY:-10}
journal=detach-$LAB_GPU.journal
# A kill before a call that only looks is a kill before the next one that acts.
acts='write|sendto|flock|mkdirat|unlinkat|rmdir|fallocate|clone|clone3|kill|pidfd_send_signal|capset'

standin_profile /etc/vfio-run/demo.profile guest-off-after=0
wait_for 20 test -e /dev/snd/controlC0
vfio_run demo >&2 # the modules are there from now on
vfio_run detach $LAB_GPU >&2 && vfio_run attach >&2

# matrix TITLE OPTION...
matrix() {
	title=$1
	shift
	sh "$LAB_DIR/kill-matrix" -c "$acts" -n "1/$every" "$@" >/tmp/matrix 2>&1
	is $? 0 "killed at every ${every}th acting call of $title: all is back"
	diag_file /tmp/matrix
}
matrix "a run" -k run -s 'demo.journal.*O_CREAT' -r 'vfio-run recover' -- vfio-run demo
matrix "detach" -k detach -s "$journal.*O_CREAT" -r 'vfio-run recover && vfio-run attach' \
	-- vfio-run detach $LAB_GPU
matrix "attach" -k attach -s "$journal.*O_CREAT" -b "vfio-run detach $LAB_GPU" \
	-r 'vfio-run recover && vfio-run attach' -- vfio-run attach
# A detach without its last record was interrupted.
matrix "recover" -k recover -s "$journal.*O_CREAT" \
	-b "vfio-run detach $LAB_GPU && sed -i /^class/d /run/vfio-run/state/$journal" \
	-r 'vfio-run recover' -- vfio-run recover
done_testing
