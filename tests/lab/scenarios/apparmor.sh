# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# apparmor - swtpm, passt and virtiofsd beside a QEMU, where AppArmor has Debian's profile of passt and
# Ubuntu's of swtpm: all works, and what a profile denies is said in its words
# packages: apparmor
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
export PROFILE_QEMU=qemu-system-x86_64
# shellcheck disable=SC2034 # of lib.sh
LAB_PROCESSES='^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-system|swtpm|virtiofsd|passt)'

use_packages
[ -e /sys/kernel/security/apparmor ] || mount -t securityfs securityfs /sys/kernel/security
if [ "$(cat /sys/module/apparmor/parameters/enabled)" != Y ] || ! command -v apparmor_parser >/dev/null; then
	skip_all "$(cat "$LAB_PACKAGES/why" 2>/dev/null || echo 'this kernel has none')"
fi
for program in swtpm_setup passt ip; do command -v $program >/dev/null || skip_all "no $program here"; done
[ -e /etc/apparmor.d/usr.bin.passt ] || skip_all 'passt has no profile here'

modprobe veth # passt wants a way out
[ -e /sys/class/net/ext0 ] || ip link add ext0 type veth peer name ext1 && ip link set ext1 up && ip addr add 192.0.2.2/24 dev ext0 && ip link set ext0 up && ip route add default via 192.0.2.1
# swtpm_rules [RULE]: what Ubuntu's package has, 24.04; the home's is left out for another
swtpm_rules() {
	cat >/tmp/usr.bin.swtpm <<RULES
#include <tunables/global>
profile swtpm /usr/bin/swtpm {
  #include <abstractions/base>
  #include <abstractions/openssl>
  capability chown,
  capability dac_override,
  capability dac_read_search,
  capability fowner,
  capability fsetid,
  capability setgid,
  capability setuid,
  network inet stream,
  network inet6 stream,
  unix (send) type=dgram addr=none peer=(addr=none),
  unix (send, receive) type=stream addr=none peer=(label=libvirt-*),
  /usr/bin/swtpm rm,
  /tmp/** rwk,
  ${1:-owner @{HOME\}/** rwk,}
  owner /var/lib/libvirt/swtpm/** rwk,
  /run/libvirt/qemu/swtpm/*.sock rwk,
  owner /var/log/swtpm/libvirt/qemu/*.log rwk,
  owner /run/libvirt/qemu/swtpm/*.pid rwk,
  owner /dev/vtpmx rw,
  owner /etc/nsswitch.conf r,
  owner /var/lib/swtpm/** rwk,
  owner /run/swtpm/sock rw,
}
RULES
	apparmor_parser -r /tmp/usr.bin.swtpm
}
ok "AppArmor takes Debian's profile of passt" apparmor_parser -r /etc/apparmor.d/usr.bin.passt
ok "and Ubuntu's of swtpm" swtpm_rules
confined() { tr -d '\0' <"/proc/$(pgrep -x -o "$1")/attr/current"; }

mkdir -p /home/vmuser/share && chown vmuser: /home/vmuser/share
set -- '[tpm]' 'version = 2.0' '[net]' 'mode = user' '[share]' 'path = /home/vmuser/share' 'tag = share' '[display]' 'type = none'
profile /etc/vfio-run/one.profile "$@"
sed -i 's/^shutdown-timeout = .*/shutdown-timeout = 1s/' /etc/vfio-run/one.profile
starts() {
	: >/tmp/out
	$own -v "$1" >/tmp/out 2>&1 &
	run=$!
	wait_for 180 grep -q 'the guest runs' /tmp/out || diag_file /tmp/out
}
fingerprint_before
starts one
like "$(confined swtpm)" '^swtpm \(enforce\)' "swtpm is confined"
like "$(confined 'passt.*')" '^passt \(enforce\)' "passt is confined"
is "$(find "/proc/$(pgrep -x qemu-system-x86)/fd" -lname 'anon_inode:\[vfio-device\]' | wc -l)" 2 "QEMU has the card"
sleep 5 # firmware has started the TPM by then
ok "all of them serve the guest" pgrep -x swtpm
dmesg >/tmp/dmesg
unlike "$(cat /tmp/dmesg)" 'apparmor="DENIED".*(swtpm|passt|qemu)' "nothing was denied them"
vfio_run stop --now one >&2
wait $run
is $? 0 "it ends"
fingerprint_after "everything is back"
starts one
# shellcheck disable=SC2046 # one word each
kill_all $run $(pgrep -P $run vfio-standby)
wait $run
vfio_run recover >&2
ok "both keepers are killed: nothing is left" wait_for 60 nobody
fingerprint_after "both keepers are killed: everything is back"

# ---- what is denied --------------------------------------------------------------------------------

swtpm_rules '/nothing r,'
fingerprint_before
$own one >/tmp/out 2>&1
is $? 1 "a profile that denies swtpm its state: exit 1"
like "$(cat /tmp/out)" "swtpm: AppArmor's profile swtpm denies it: .* /home/vmuser/.local/state/vfio-run/one/tpm" "which is said, and why"
unlike "$(cat /tmp/out)" "$LAB_GPU.*driver:" "no device was touched"
fingerprint_after "nothing is left of it"

swtpm_rules
sed -i 's#^vmuser:\(.*\):/home/vmuser:#vmuser:\1:/srv/vmuser:#' /etc/passwd
mkdir -p /srv/vmuser && chown vmuser: /srv/vmuser
profile /etc/vfio-run/two.profile "$@"
fingerprint_before
$own two >/tmp/out 2>&1
is $? 3 "a home where the profile knows none: exit 3"
like "$(cat /tmp/out)" "AppArmor's profile swtpm denies it: .* /srv/vmuser/.local/state/vfio-run/two/tpm" "and it says why"
fingerprint_after "nothing was touched"
sed -i 's#:/srv/vmuser:#:/home/vmuser:#' /etc/passwd
apparmor_parser -R /tmp/usr.bin.swtpm /etc/apparmor.d/usr.bin.passt
done_testing
