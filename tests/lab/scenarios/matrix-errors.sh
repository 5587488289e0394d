# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# matrix-errors - calls of the keeper fail: nothing touched, all undone, or left for `recover`
#
# A sample by default; see matrix-kill for all points: an hour.
. "$LAB_DIR/lib.sh"
every=${MATRIX_EVERY:-100}
journal=detach-$LAB_GPU.journal
any='.*'

standin_profile /etc/vfio-run/demo.profile guest-off-after=0
wait_for 20 test -e /dev/snd/controlC0
vfio_run demo >&2
vfio_run detach $LAB_GPU >&2 && vfio_run attach >&2

# matrix TITLE ERROR CALLS OPTION...
matrix() {
	title=$1 error=$2 calls=$3
	shift 3
	sh "$LAB_DIR/kill-matrix" -e "$error" -c "$calls" -n "1/$every" "$@" >/tmp/matrix 2>&1
	is $? 0 "$error in a call of $title: exit 3, 4, or 5 and recovered"
	diag_file /tmp/matrix
}
run() { matrix "a run" "$1" "$2" -k run -s 'group-.*lock.*O_CREAT' -r 'vfio-run recover' -- vfio-run demo; }
detach() {
	matrix "detach" "$1" "$2" -k detach -s 'group-.*lock.*O_CREAT' -x '[0345]' -a 'vfio-run attach' \
		-r 'vfio-run recover && vfio-run attach' -- vfio-run detach $LAB_GPU
}
attach() {
	# refused with 3: they are detached as before
	# shellcheck disable=SC2016 # kill-matrix expands it
	matrix "attach" "$1" "$2" -k attach -s "$journal.*O_CREAT" -x '[0345]' \
		-b "vfio-run detach $LAB_GPU" -a '[ $STATUS = 0 ] || vfio-run attach' \
		-r 'vfio-run recover && vfio-run attach' -- vfio-run attach
}
recover() {
	matrix "recover" "$1" "$2" -k recover -s "$journal.*O_CREAT" -x '[05]' \
		-b "vfio-run detach $LAB_GPU && sed -i /^class/d /run/vfio-run/state/$journal" \
		-r 'vfio-run recover' -- vfio-run recover
}
opens='openat|socketpair|pipe2|clone|clone3|pidfd_open|timerfd_create'
run EIO "$any"
run EMFILE "$opens"
run ENOSPC 'write|openat|mkdirat|fallocate'
run EAGAIN 'clone|clone3|sendto|recvfrom|mmap' # of flock it would mean another's lock file
detach EIO "$any"
attach EIO "$any"
recover EIO "$any"
recover EMFILE "$opens"
done_testing
