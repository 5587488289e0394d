# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# holders - each class of what holds a card: refused by name, stopped as what it is, started again
# init: systemd
# shellcheck disable=SC2016 # backquotes are looked for
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
node=/dev/dri/$(basename "$(ls -d $PCI/$LAB_GPU/drm/card*)")
id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
holders() { plain_profile $p '[gpu]' "device = $LAB_GPU" "holders = $1" '[qemu]' 'argument = -standin' 'argument = say=hello'; }
holds() { find /proc/[0-9]*/fd -lname "$node" 2>/dev/null | grep -q .; }
held() { wait_for 20 holds || diag "nobody holds $node"; }
free() { ! holds; }
begins() {
	: >/tmp/out
	setsid /usr/local/bin/vfio-run one >/tmp/out 2>&1 </dev/null &
	run=$!
	wait_for 60 grep -q running /run/vfio-run/vm/one/status || diag_file /tmp/out
}
ends() {
	vfio_run stop one >&2
	wait $run
	code=$?
	is $code 0 "$1: exit 0"
	[ $code = 0 ] || diag_file /tmp/out
}
# killed WHAT: keeper and standby at once
killed() {
	kill_all $(pgrep -x 'vfio-run|vfio-standby')
	wait_for 60 sh -c '! pgrep -x vfio-hooks'
	ok "$1, both killed: recover" vfio_run recover
}
# refused WHAT REGEX
refused() {
	holders refuse
	out=$(vfio_run_ascii one 2>&1)
	is $? 3 "$1: refused"
	like "$out" "$2" "$1: it is named, with its remedy"
}

holders refuse
begins
ends "a card that nobody holds"

# ---- a unit of a user's own service manager
busybox su -s /bin/sh vmuser -c 'mkdir -p ~/.config/systemd/user'
# No udev gives the node to a user here: the unit waits for who does that in its place.
while sleep 0.2; do chmod 666 "$node"; done 2>/dev/null &
printf '[Service]\nExecStart=/bin/sh -c "until [ -w %s ]; do sleep 0.1; done; exec 3<>%s && exec sleep 100000"\n' "$node" "$node" >/home/vmuser/.config/systemd/user/lab-user.service
cat >'/run/systemd/system/user@1500.service' <<'UNIT' # without PAM and logind, which this root may not have
[Service]
User=1500
Type=notify
ExecStart=/lib/systemd/systemd --user
Environment=XDG_RUNTIME_DIR=/run/user/1500
Delegate=yes
Slice=user-1500.slice
KillMode=mixed
UNIT
systemctl daemon-reload
ok "the user's own service manager" systemctl start user@1500
user() { busybox su -s /bin/sh vmuser -c "XDG_RUNTIME_DIR=/run/user/1500 systemctl --user $*"; }
ok "a user's unit starts" user start lab-user
held
refused "a user's unit" 'lab-user.service\).*`systemctl --user stop lab-user.service`'
holders terminate
like "$(vfio_run -n one 2>&1)" "service of user 1500/lab-user.service: running -> stopped" "a user's unit: -n shows it"
wait_for 10 test -w "$node"
fingerprint_before
begins
ok "a user's unit: it is stopped" free
not_ok "by its own manager" user --quiet is-active lab-user
like "$(cat /tmp/out)" 'this ends what uses the card: lab-user.service of user vmuser' "and that was said"
ends "a user's unit"
ok "a user's unit: it is started again" wait_for 20 holds
fingerprint_after "a user's unit: everything is back"
begins
killed "a user's unit"
ok "a user's unit, both killed: it is started again" wait_for 20 holds
# As GNOME's display server is: its service manager lets nobody stop it by hand.
mkdir -p /etc/systemd/user/lab-user.service.d
printf '[Unit]\nRefuseManualStop=yes\n' >/etc/systemd/user/lab-user.service.d/lab.conf
user daemon-reload
out=$(vfio_run_ascii one 2>&1)
is $? 3 "a user's unit that may not be stopped: refused before anything"
like "$out" 'is open in sleep .*lab-user.service' "it is named"
rm /etc/systemd/user/lab-user.service.d/lab.conf
user daemon-reload
user stop lab-user
wait_for 20 free

# ---- a container: its control group made by hand, docker by a script
container() { systemd-run --quiet --scope --unit="docker-$id" sh -c "exec 3<>$node && exec sleep 100000" & }
cat >/usr/bin/docker <<DOCKER
#!/bin/sh
echo "\$*" >>/tmp/docker
case \$1 in
inspect) cat /tmp/temporary ;;
stop) systemctl stop docker-$id.scope ;;
start) systemctl is-active --quiet docker-$id.scope || systemd-run --quiet --scope --unit=docker-$id sh -c "exec 3<>$node && exec sleep 100000" >/dev/null 2>&1 & ;;
esac
DOCKER
chmod 0755 /usr/bin/docker
echo false >/tmp/temporary
container
held
refused "a container" 'docker container 0123456789ab\).*`docker stop 0123456789ab`'
holders terminate
like "$(vfio_run -n one 2>&1)" "container docker/$id: running -> stopped" "a container: -n shows it"
begins
ok "a container: it is stopped" free
like "$(cat /tmp/out)" 'this ends what uses the card: docker container 0123456789ab' "and that was said"
like "$(cat /tmp/docker)" "^stop $id" "by its runtime"
ends "a container"
like "$(tail -n 1 /tmp/docker)" "^start $id" "a container: it is started again, by that"
ok "a container: it has the card" wait_for 20 holds
begins
killed "a container"
ok "a container, both killed: it is started again" wait_for 20 holds
echo true >/tmp/temporary
begins
: >/tmp/docker
ends "a container that its runtime forgets"
is "$(cat /tmp/docker)" '' "a container that its runtime forgets: it is not started again"
rm /usr/bin/docker
container
held
begins
ok "a container without a runtime: all of it is ended" free
like "$(cat /tmp/out)" 'this ends what uses the card: sleep .*docker container 0123456789ab' "and that was said"
ends "a container without a runtime"
systemd-run --quiet --scope --unit="libpod-$id" sh -c "exec 3<>$node && exec sleep 100000" &
held
refused "podman's container" '`podman stop 0123456789ab`'
systemctl stop "libpod-$id.scope"

# ---- what is started again at once, when only its process ends
printf '[Service]\nRestart=always\nRestartSec=0\nExecStart=/bin/sh -c "exec 3<>%s && exec sleep 100000"\n' "$node" >/run/systemd/system/lab-again.service
systemctl daemon-reload
systemctl start lab-again
held
refused "a unit that comes back" '`systemctl stop lab-again.service`'
holders terminate
begins
ok "a unit that comes back: it does not" free
ends "a unit that comes back"
ok "a unit that comes back: it runs" wait_for 20 holds
begins
killed "a unit that comes back"
ok "a unit that comes back, both killed: it runs" wait_for 20 holds

# ---- what a user's own profile may end: only what is that user's
own=/home/vmuser/.config/vfio-run/own.profile
mkdir -p /home/vmuser/.config/vfio-run
sed -e '/^user/d' -e 's/say=hello/guest-off-after=0/' $p >$own # one that is taken by mistake ends
for address in $LAB_GPU $LAB_AUDIO; do echo "$address vmuser"; done >/etc/vfio-run/devices.allow
chown -R vmuser /home/vmuser/.config/vfio-run
out=$(SUDO_UID=1500 SUDO_GID=1500 SUDO_USER=vmuser vfio_run_ascii own -y 2>&1)
is $? 3 "a user's own profile and a unit of the system's: refused"
like "$out" "lab-again.service: .* does not let vmuser stop it" "with the line that would allow it"
systemctl stop lab-again
wait_for 20 free
systemd-run --quiet --scope --unit=lab-root sh -c "exec 3<>$node && exec sleep 100000" &
held
out=$(SUDO_UID=1500 SUDO_GID=1500 SUDO_USER=vmuser vfio_run_ascii own -y 2>&1)
is $? 3 "a user's own profile and a process of root's: refused"
like "$out" "open in sleep .*user root" "and it is named"
ok "it lives" holds
systemctl stop lab-root.scope
wait_for 20 free
rm /etc/vfio-run/devices.allow

# ---- a sound server: asked, and it goes on
wait_for 20 test -e $PCI/$LAB_AUDIO/sound # a moment later than its driver
sound=$(basename "$(ls -d $PCI/$LAB_AUDIO/sound/card*)")
pcm=/dev/snd/$(basename "$(ls -d $PCI/$LAB_AUDIO/sound/card*/pcm*p)")
cp "$(command -v sound-client)" /tmp/pipewire
plays() { find /proc/[0-9]*/fd -lname "$pcm" 2>/dev/null | grep -q .; }
systemd-run --quiet --unit=lab-sound /tmp/pipewire -s "$pcm"
wait_for 20 plays
server=$(systemctl show -p MainPID --value lab-sound)
refused "a sound server" "$pcm is played on by pipewire \\(pid $server"
holders ask
like "$(vfio_run -n one 2>&1)" "announcement of $LAB_AUDIO/sound/$sound: add -> remove" "a sound server: -n shows what it is asked by"
fingerprint_before
begins
ok "a sound server, asked without a question: it has let go" sh -c "! ls -l /proc/$server/fd | grep -q snd"
like "$(cat /tmp/out)" "this asks to let go of the card, and to go on without it: pipewire .pid $server" "and that was said"
ends "a sound server"
ok "a sound server: it has the card again" wait_for 20 plays
is "$(systemctl show -p MainPID --value lab-sound)" "$server" "and is the same one"
fingerprint_after "a sound server: everything is back"
begins
killed "a sound server"
ok "a sound server, both killed: it has the card again" wait_for 20 plays
systemctl stop lab-sound

# ---- a page of it, and no descriptor
frame=/dev/$(basename "$(ls -d $PCI/$LAB_GPU/graphics/fb*)")
: >/tmp/mapped
systemd-run --quiet --scope --unit=lab-mapper vfio-hold map "$frame" >/tmp/mapped 2>&1 &
wait_for 20 grep -q holding /tmp/mapped || diag_file /tmp/mapped
mapper=$(pgrep -x vfio-hold)
refused "who only maps it" "$frame is open in vfio-hold \\(pid $mapper"
holders terminate
begins
ok "who only maps it: it has ended" gone $mapper
ends "who only maps it"
done_testing
