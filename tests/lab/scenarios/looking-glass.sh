# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# looking-glass - the example of such a VM is started with a real QEMU and the card; a program in the client's place
# has the memory that the guest has, and a socket that speaks SPICE
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
example=$LAB_DIR/../../profiles/examples/looking-glass.profile
p=/etc/vfio-run/looking-glass.profile
LAB_PROCESSES='^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-system|looking-glass)'
for module in ui-spice-core audio-spice; do
	[ -n "$(find /usr/lib /usr/lib64 -name $module.so 2>/dev/null | head -n 1)" ] || skip_all "this QEMU has no $module"
done
command -v qemu-img >/dev/null || skip_all 'no qemu-img here'

mkdir -p /vms/looking-glass /tmp/client && chmod 777 /tmp/client
qemu-img create -q -f qcow2 /vms/looking-glass/disk.qcow2 100G && chown -R vmuser: /vms/looking-glass
# As Looking Glass's own does, it has the memory mapped and is connected, and it is there until it is ended.
cat >/usr/bin/looking-glass-client <<'CLIENT'
#!/usr/bin/perl
use IO::Socket::UNIX;
my %option = map { split /=/, $_, 2 } @ARGV;
open(my $memory, '+<', '/dev/shm/looking-glass') or die "memory: $!";
sysseek($memory, 4096, 0) && syswrite($memory, $$) or die "memory: $!";
my $spice = IO::Socket::UNIX->new(Peer => $option{'spice:host'}) or die "SPICE: $!";
# SpiceLinkHeader, and a SpiceLinkMess for the main channel without capabilities
syswrite($spice, pack('a4VVV', 'REDQ', 2, 2, 18) . pack('VCCVVV', 0, 1, 0, 0, 0, 18)) or die "SPICE: $!";
sysread($spice, my $answer, 4);
open(my $said, '>', '/tmp/client/new') or die;
print $said "$option{'spice:port'} $answer $$ $>\n";
close($said);
rename('/tmp/client/new', '/tmp/client/said') or die;
sleep;
CLIENT
chmod 755 /usr/bin/looking-glass-client

install -D -m 644 "$example" $p
sed -i "s/PUT-ADDRESS-HERE/$LAB_GPU/" $p
# starts: as it stands, but for what this machine has not
starts() {
	: >/tmp/out
	rm -f /tmp/client/said
	$own -v -o vm.user=vmuser -o vm.memory=256M -o vm.cpus=2 -o vm.accel=tcg -o vm.hyperv=no -o vm.shutdown-timeout=1s looking-glass >/tmp/out 2>&1 &
	run=$!
	wait_for 180 grep -q 'the guest runs' /tmp/out || diag_file /tmp/out
}
starts # what a first run loads and makes is there from now on: the memory's file stays
vfio_run stop --now looking-glass >&2
wait $run
wait_for 30 nobody
fingerprint_before
starts
qemu=$(pgrep -x qemu-system-x86)
is "$(find "/proc/$qemu/fd" -lname 'anon_inode:\[vfio-device\]' | wc -l)" 2 "QEMU has both functions"
is "$(stat -c '%U %a %s' /dev/shm/looking-glass)" 'vmuser 600 67108864' "the memory is the user's alone, and as large as 2560x1440 takes"
like "$(cat "/proc/$qemu/maps")" ' rw-s .* /dev/shm/looking-glass$' "QEMU has it"
wait_for 60 test -e /tmp/client/said || diag_file /tmp/out
ok "the client is started with the guest" test -e /tmp/client/said
read -r number answer client uid </tmp/client/said
is "$number $answer $uid" "0 REDQ 1500" "with the arguments of the profile, as the user; and SPICE answers it"
is "$(dd if=/dev/shm/looking-glass bs=1 skip=4096 count=${#client} status=none)" "$client" "it writes to the memory"
vfio_run stop --now looking-glass >&2
wait $run
is $? 0 "it ends"
ok "and the client with it" wait_for 30 gone "$client"
dd if=/dev/zero of=/dev/shm/looking-glass bs=4096 seek=1 count=1 conv=notrunc status=none
fingerprint_after "everything is back"
done_testing
