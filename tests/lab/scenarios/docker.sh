# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# docker - a container of a real docker's holds the card: refused by its name, stopped by docker, started again
# init: systemd
# packages: docker.io docker-cli containerd runc
# shellcheck disable=SC2016 # backquotes are looked for
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
use_packages
command -v dockerd >/dev/null && command -v docker >/dev/null || skip_all "there is no docker: $(cat "${LAB_PACKAGES:-/nonexistent}/why" 2>/dev/null)"
node=/dev/dri/$(basename "$(ls -d $PCI/$LAB_GPU/drm/card*)")
holders() { plain_profile $p '[gpu]' "device = $LAB_GPU" "holders = $1" '[qemu]' 'argument = -standin' 'argument = say=hello'; }
holds() { find /proc/[0-9]*/fd -lname "$node" 2>/dev/null | grep -q .; }
free() { ! holds; }
begins() {
	: >/tmp/out
	setsid /usr/local/bin/vfio-run one >/tmp/out 2>&1 </dev/null &
	run=$!
	wait_for 120 grep -q running /run/vfio-run/vm/one/status || diag_file /tmp/out
}
ends() {
	vfio_run stop one >&2
	wait $run
	code=$?
	is $code 0 "$1: exit 0"
	[ $code = 0 ] || diag_file /tmp/out
}
state() { docker inspect --format '{{.State.Status}}' lab; }

# As its package's unit starts it, without the networks that the lab's kernel has no modules for.
mkdir -p /etc/docker
echo '{ "bridge": "none", "iptables": false, "ip6tables": false, "storage-driver": "vfs" }' >/etc/docker/daemon.json
package_user docker
systemctl daemon-reload
systemd-run --quiet --unit docker --property Delegate=yes --property KillMode=process dockerd >&2
wait_for 120 docker version >/tmp/docker 2>&1 || journalctl -u docker --no-pager -n 20 >/tmp/docker
mkdir -p /srv/root/bin
cp "$(command -v busybox)" /srv/root/bin/busybox
ln -s busybox /srv/root/bin/sh
tar -c -C /srv/root . | docker import - lab >&2
id=$(docker run --detach --name lab --network none --restart always --device "$node" lab \
	/bin/sh -c "exec 3<>$node; exec busybox sleep 100000" 2>>/tmp/docker)
diag "$(docker --version), $(tail -n 1 "/proc/$(pgrep -f 'sleep 100000' | head -n 1)/cgroup")"
if ! wait_for 60 holds; then
	docker logs lab >>/tmp/docker 2>&1
	diag_file /tmp/docker
	fail "a container of docker's holds the card"
	done_testing
	exit
fi

short=$(printf %.12s "$id")
holders refuse
out=$(vfio_run_ascii one 2>&1)
is $? 3 "refused"
like "$out" "docker container $short\\).*\`docker stop $short\`" "it is named, with its remedy"
holders terminate
like "$(vfio_run -n one 2>&1)" "container docker/$id: running -> stopped" "-n shows it"
begins
ok "it is stopped" free
is "$(state)" exited "by docker, which does not start it again"
like "$(cat /tmp/out)" "this ends what uses the card: docker container $short" "and that was said"
ends "a VM in its place"
ok "it is started again" wait_for 60 holds
is "$(state)" running "by docker"
begins
kill_all $(pgrep -x 'vfio-run|vfio-standby')
wait_for 60 sh -c '! pgrep -x vfio-hooks'
ok "both killed: recover" vfio_run recover
ok "both killed: it is started again" wait_for 60 holds

# Its daemon is stopped while the VM runs: what was its container's is what it is asked to start.
begins
systemctl stop docker
ends "its daemon is gone meanwhile"
like "$(cat /tmp/out)" "container" "which is said"
ok "the card is on its driver" drivers_are bochs-drm $LAB_GPU
done_testing
