# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# check-holders - who has the card open is named and refused; who only listens to sound lets go
. "$LAB_DIR/lib.sh"
standin_profile /etc/vfio-run/demo.profile guest-off-after=1

# opened PID PATH
opened() { find "/proc/$1/fd" -lname "$2" 2>/dev/null | grep -q .; }
# refused NAME REGEX
refused() {
	fingerprint_before
	out=$(vfio_run demo 2>&1)
	is $? 3 "$1: exit 3"
	like "$out" "$2" "$1: named"
	out=$(vfio_run detach $LAB_GPU 2>&1)
	is $? 3 "$1: detach is exit 3"
	fingerprint_after "$1: nothing was touched"
}

(exec 9</dev/dri/card0; exec sleep 1000) &
holder=$!
wait_for 10 opened $holder /dev/dri/card0
refused "a process with the DRM node open" "$LAB_GPU: /dev/dri/card0 is open in sleep \\(pid $holder, user root"
like "$(vfio_run list gpu)" "in use by sleep \\(pid $holder, user root\\): /dev/dri/card0" "list names it"
kill $holder
wait $holder 2>/dev/null

# In another pid namespace, with a /proc of its own, under another path: the numbers count.
unshare -p -m -f sh -c 'mkdir -p /tmp/box && cp -a /dev/dri/card0 /tmp/box/gpu && mount -t proc proc /proc &&
	exec 9</tmp/box/gpu && exec sleep 1000' &
box=$!
inner() { for d in /proc/[0-9]*; do opened "${d#/proc/}" /tmp/box/gpu && echo "${d#/proc/}"; done | tail -n 1; }
wait_for 20 sh -c 'ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q /tmp/box/gpu'
holder=$(inner)
refused "a process in another pid namespace" "/tmp/box/gpu is open in sleep \\(pid $holder, user root"
kill -KILL "$holder"
wait $box 2>/dev/null
rm -rf /tmp/box

# A sound client that listens closes when the card goes: the unbind goes through.
sound-client /dev/snd/controlC0 &
client=$!
wait_for 10 opened $client /dev/snd/controlC0
out=$(vfio_run_ascii check demo 2>&1)
like "$out" "ok +holders +$LAB_AUDIO: /dev/snd/controlC0 is open in sound-client \\(pid $client" "a listener is named"
unlike "$out" 'FAIL (holders|sound)' "and not refused"
out=$(vfio_run demo 2>&1)
is $? 0 "a run with a listener"
ok "it has let go and ended" wait_for 10 gone $client
wait $client 2>/dev/null
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" "bochs-drm snd_hda_intel" "everything is back"

# One with a stream open does not let go in time: it is refused before anything hangs.
wait_for 20 test -e /dev/snd/controlC0
pcm=$(find /dev/snd -name 'pcmC0D*p' | head -n 1)
(exec 9>"$pcm"; exec sleep 1000) &
holder=$!
wait_for 10 opened $holder "$pcm"
refused "a process with a stream open" "$LAB_AUDIO: $pcm is played on by sleep \\(pid $holder"
kill $holder
wait $holder 2>/dev/null

# A VM has it: the second start names the first.
standin_profile /etc/vfio-run/first.profile say=hello
standin_profile /etc/vfio-run/second.profile guest-off-after=1
: >/tmp/out
/usr/local/bin/vfio-run first >/tmp/out 2>&1 &
run=$!
wait_for 60 grep -q "the guest runs" /tmp/out
out=$(vfio_run second 2>&1)
is $? 3 "a card that another VM has: exit 3"
like "$out" "belongs to the running VM first" "that VM is named"
out=$(vfio_run first 2>&1)
is $? 3 "a VM that is running already: exit 3"
like "$out" "a VM called first is running \\(pid $run\\)" "and named"
# shellcheck disable=SC2016 # the backquotes are looked for
like "$out" '`vfio-run stop first`' "with the command that ends it"
like "$(vfio_run list --json)" '"vm": "first"' "list knows whose it is"
vfio_run stop first
is $? 0 "which does so"
wait $run
is $? 0 "the first ends as if nothing had been"
done_testing
