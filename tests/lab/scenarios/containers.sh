# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# containers - where keeper and standby would end together nothing is begun; what one has left is named
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run

standin_profile $p say=hello
wait_for 20 test -e /dev/snd/controlC0
vfio_run detach $LAB_GPU >&2 && vfio_run attach >&2 # the modules are there from now on
wait_for 20 test -e /dev/snd/controlC0
fingerprint_before

untouched() { # STATUS TITLE PATTERN
	is "$1" 3 "$2: exit 3"
	unlike "$(cat /tmp/out)" ' -> ' "$2: nothing is changed"
	like "$(cat /tmp/out)" "$3" "$2: it says why"
	like "$(cat /tmp/out)" 'start it on the host itself, or insist with --contained' "$2: and what to do"
}
for command in demo "detach $LAB_GPU" "attach $LAB_GPU"; do
	# shellcheck disable=SC2086 # a command and its word
	unshare -pm --fork --mount-proc $own $command >/tmp/out 2>&1
	untouched $? "another pid namespace, $command" "not the host's first pid namespace"
	# a /proc of the host's, as some containers have, is no way round
	# shellcheck disable=SC2086
	unshare -pm --fork $own $command >/tmp/out 2>&1
	untouched $? "the same with the host's /proc, $command" "not the host's first pid namespace"
	# shellcheck disable=SC2086
	unshare -m sh -c "mount -t tmpfs tmpfs /run && exec $own $command" >/tmp/out 2>&1
	untouched $? "a /run of its own, $command" "/run is not the host's"
	# shellcheck disable=SC2086
	unshare -m sh -c "mkdir -p /run/vfio-run && mount -t tmpfs tmpfs /run/vfio-run && exec $own $command" >/tmp/out 2>&1
	untouched $? "a /run/vfio-run of its own, $command" "/run is not the host's"
done
rmdir /run/vfio-run 2>/dev/null
unshare -m sh -c "mount -t tmpfs tmpfs /run && exec $own check" >/tmp/out 2>&1
is $? 3 "check says so too"
like "$(cat /tmp/out)" "/run is not the host's" "and why"
fingerprint_after "nothing was touched"

# Mount namespaces of units are no containers.
unshare -m sh -c "mount -t tmpfs tmpfs /tmp && exec $own detach $LAB_GPU" >/tmp/out.private 2>&1
is $? 0 "a private /tmp is none"
vfio_run attach >&2
fingerprint_after "everything is back"

# Its end takes all: keeper, standby, and with its /run the journal.
: >/tmp/out
unshare -pm --fork --mount-proc sh -c "mount -t tmpfs tmpfs /run && $own --contained demo; :" >/tmp/out 2>&1 &
outside=$!
wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
is "$(driver_of $LAB_GPU)" vfio-pci "--contained insists"
kill -KILL "$(pgrep -P $outside)"
wait $outside
ok "its process 1 is killed, and all of it" wait_for 20 sh -c '! pgrep "^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-standin)"'
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" "vfio-pci vfio-pci" "the devices are left"
vfio_run recover >&2 # the cgroups of a journal that is no more are taken away
fingerprint >/tmp/left
for command in recover list check; do
	vfio_run $command 2>&1 | tr -s '\n ' ' ' >/tmp/out # what check has wrapped in one line again
	like "$(cat /tmp/out)" "$LAB_GPU: is on vfio-pci" "$command names the card"
	like "$(cat /tmp/out)" "$LAB_AUDIO: is on vfio-pci" "$command names its audio"
	like "$(cat /tmp/out)" "sudo sh -c '.*$LAB_GPU.*drivers_probe'" "$command says what undoes it"
	unlike "$(cat /tmp/out)" 'nothing is left' "$command does not call that nothing"
done
like "$(vfio_run check --json)" 'no journal says why' "check --json too"
fingerprint >/tmp/left.now
ok "and they change nothing" diff /tmp/left /tmp/left.now
vfio_run recover 2>&1 | sed -n "s/.*\`sudo \(sh -c '.*'\)\`.*/\1/p" >/tmp/undo
is "$(wc -l </tmp/undo)" 2 "two lines for a shell"
sh /tmp/undo >&2
fingerprint_after "done as it says, everything is back"

vfio_run detach $LAB_GPU >&2
unlike "$(vfio_run list gpu 2>&1; vfio_run recover 2>&1)" 'no journal says why' "what was detached is explained"
vfio_run attach >&2
fingerprint_after "everything is back"
done_testing
