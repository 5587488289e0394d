# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # lib.sh reads them
# desktop-sound - the sound of a second card goes to a VM with it and comes back, while PipeWire and WirePlumber of a
# real session have it: a tone is played on it afterwards, by the same two processes. Topology `desktop-two`
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
second=0000:02:00.0 second_audio=0000:02:00.1

# holders WORD
holders() { plain_profile $p '[gpu]' "device = $second" "holders = $1" '[qemu]' 'argument = -standin' 'argument = say=hello'; }
# by_user COMMAND...: in the session of its user, outside of the unit that the tests are
by_user() {
	setpriv --reuid=1500 --regid=1500 --init-groups env -i PATH=/usr/bin:/bin HOME=/home/vmuser \
		XDG_RUNTIME_DIR=/run/user/1500 "$@"
}
# wave SECONDS: a square wave, 8 bits, 48 kHz, 444 Hz
wave() {
	_bytes=$(($1 * 48000))
	for _n in $((_bytes + 36)) 16 48000 48000 $_bytes; do
		_le="$_le \\$(printf %03o $((_n & 255)))\\$(printf %03o $((_n >> 8 & 255)))\\$(printf %03o $((_n >> 16 & 255)))\\0"
	done
	# shellcheck disable=SC2086 # one word each
	set -- $_le
	# shellcheck disable=SC2059 # they are escapes
	printf "RIFF${1}WAVEfmt ${2}\\001\\000\\001\\000${3}${4}\\001\\000\\010\\000data${5}"
	head -c 54 /dev/zero | tr '\0' '\100' >/tmp/period
	head -c 54 /dev/zero | tr '\0' '\300' >>/tmp/period
	for _n in 1 2 3 4 5 6 7 8 9 10; do cat /tmp/period /tmp/period >/tmp/periods && mv /tmp/periods /tmp/period; done
	while cat /tmp/period; do :; done 2>/dev/null | head -c "$_bytes"
}
card() { basename "$(ls -d $PCI/$second_audio/sound/card*)"; }
sink() { by_user pw-cli ls Node | sed -n 's/.*node.name = "\(alsa_output\.pci-0000_02_00\.1\.[^"]*\)".*/\1/p' | head -n 1; }
has_sink() { [ -n "$(sink)" ]; }
plays() { grep -q RUNNING /proc/asound/"$(card)"/pcm*p/sub0/status; }
silent() { ! plays; }
servers() { pgrep -x 'pipewire|wireplumber' | tr '\n' ' '; }
# heard: the card plays what a program gives to the session's sound server for it, to its end
heard() {
	wait_for 20 has_sink || return
	by_user timeout 100 pw-play --target="$(sink)" /tmp/short.wav &
	_pid=$!
	wait_for 20 plays && wait $_pid
}
begins() {
	: >/tmp/out
	setsid /usr/local/bin/vfio-run one >/tmp/out 2>&1 </dev/null &
	run=$!
	wait_for 60 runs || diag_file /tmp/out
}
# returned WHAT
returned() {
	ok "$1: all has ended" wait_for 120 ended
	ok "$1: the card is on its driver" drivers_are snd_hda_intel $second_audio
	ok "$1: a tone is played on it" heard || diag_file /tmp/out
	is "$(servers)" "$known" "$1: by the same sound server"
	wait_for 20 silent
}
killed() {
	# shellcheck disable=SC2046 # one word each
	kill_all $(pgrep -x 'vfio-run|vfio-standby')
	wait_for 60 sh -c '! pgrep -x qemu-standin'
	vfio_run recover >&2
}
stopped() {
	vfio_run stop one >&2
	wait $run
	is $? 0 "$1: exit 0"
}

wave 2 >/tmp/short.wav
wave 200 >/tmp/long.wav
chmod 0644 /tmp/*.wav
modprobe vfio_pci && udevadm settle
ok "before: the session's sound server has the card" heard
known=$(servers)
wait_for 20 silent

# Nothing plays: WirePlumber has its mixer open, and lets go as the driver goes.
holders refuse
begins
ok "nothing plays: the guest has the card" drivers_are vfio-pci $second $second_audio
stopped "nothing plays"
returned "nothing plays"
begins
pkill -KILL -x qemu-standin
wait $run
returned "nothing plays, QEMU is killed"
begins
killed
returned "nothing plays, both are killed"

# ---- a program plays by way of the sound server, which is asked
by_server() {
	by_user pw-play --target="$(sink)" /tmp/long.wav &
	player=$!
	wait_for 20 plays || diag "nothing plays"
}
# asked WHAT: the guest has the card, and the sound server goes on without it
asked() {
	begins
	like "$(cat /tmp/out)" 'this asks to let go of the card, and to go on without it: pipewire ' "$1: asked without a question"
	ok "$1: the guest has the card" drivers_are vfio-pci $second $second_audio
	is "$(servers)" "$known" "$1: the sound server goes on"
}
by_server
out=$(vfio_run_ascii one 2>&1)
is $? 3 "a sound server that plays, refuse: exit 3"
like "$out" 'is played on by pipewire ' "and it is named"
ok "it plays on" plays
holders ask
asked "a sound server that plays"
stopped "a sound server that plays"
kill $player
returned "a sound server that plays"
by_server
asked "a sound server that plays, QEMU is killed"
pkill -KILL -x qemu-standin
wait $run
kill $player
returned "a sound server that plays, QEMU is killed"
for try in 1 2 3; do
	by_server
	asked "a sound server that plays, both are killed ($try)"
	killed
	kill $player
	returned "a sound server that plays, both are killed ($try)"
done

# ---- a program plays by itself, and is ended
by_itself() {
	_number=$(card)
	systemd-run --quiet --scope --unit="lab-player-$(date +%N)" setpriv --reuid=1500 --regid=1500 --init-groups \
		aplay -q -D "plughw:${_number#card},0" /tmp/long.wav &
	player=$!
	wait_for 20 plays || diag "nothing plays"
}
by_itself
holders refuse
out=$(vfio_run_ascii one 2>&1)
is $? 3 "a program that plays, refuse: exit 3"
like "$out" 'is played on by aplay ' "and it is named"
holders ask
out=$(setsid /usr/local/bin/vfio-run one 2>&1 </dev/null)
is $? 3 "a program that plays, ask, and nobody to ask: exit 3"
like "$out" 'this ends what uses the card: aplay ' "and it is named"
ok "it plays on" plays
for try in 1 2 3; do
	holders terminate
	begins
	ok "a program that plays, terminate ($try): the guest has the card" drivers_are vfio-pci $second $second_audio
	wait $player
	stopped "a program that plays, terminate ($try)"
	returned "a program that plays, terminate ($try)"
	by_itself
done
begins
killed
wait $player
returned "a program that plays, terminate, both are killed"
done_testing
