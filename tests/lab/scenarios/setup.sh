# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154,SC2016 # lib.sh reads some; backquotes are looked for
# setup - `vfio-run setup --apply` on a Debian 13, with its own apt, dpkg, GRUB and initramfs-tools, and `--undo`
#
# Topology `desktop:trixie`. What lacks: a kernel parameter, as on a PC of Intel's whose IOMMU is off (processor,
# command line and IOMMU groups are others for the program that looks, not for the tools), two packages, and an
# option that a guide has left in modprobe.d. GRUB does not find this root, which is an overlay: what asks the disk
# for it answers here what a disk would.
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
state=/var/lib/vfio-run/setup drop_in=/etc/default/grub.d/zz-vfio-run.cfg options=/etc/modprobe.d/guide.conf
for file in /usr/share/lab/packages/Packages /usr/sbin/update-grub; do
	[ -e $file ] || skip_all "this root has no $file"
done

# ---- a PC as it is installed -----------------------------------------------------------------------------

cp /usr/share/grub/default/grub /etc/default/grub
mkdir -p /boot/grub
: >"/boot/vmlinuz-$(uname -r)"
cat >/tmp/grub-probe <<'PROBE'
#!/bin/sh
for word; do
	case $word in
	--target=device) echo /dev/vda; exit ;;
	--target=fs) echo ext2; exit ;;
	--target=fs_uuid) echo 11111111-2222-3333-4444-555555555555; exit ;;
	--target=abstraction | --target=partuuid | --target=*hint*) exit ;;
	--target=*) echo none; exit ;;
	esac
done
PROBE
printf '#!/bin/sh\necho "$1"\n' >/tmp/grub-mkrelpath
chmod 0755 /tmp/grub-probe /tmp/grub-mkrelpath
mount --bind /tmp/grub-probe "$(command -v grub-probe)"
mount --bind /tmp/grub-mkrelpath "$(command -v grub-mkrelpath)"
ok "GRUB makes its menu" update-grub
ok "which starts this kernel" grep -q "linux.*/vmlinuz-$(uname -r)" /boot/grub/grub.cfg
printf '# from a guide\noptions vfio_iommu_type1 allow_unsafe_interrupts=1\noptions vfio-pci disable_vga=1\n' >$options
modprobe vfio_iommu_type1
echo 1 >/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts

printf 'vendor_id\t: GenuineIntel\nflags\t\t: vmx\naddress sizes\t: 39 bits physical, 48 bits virtual\n' >/tmp/cpuinfo
sed 's/intel_iommu=on//' /proc/cmdline >/tmp/cmdline
# off COMMAND...: as where the IOMMU is off
off() {
	unshare -m sh -c 'mount --make-rprivate / && mount -t tmpfs tmpfs /sys/kernel/iommu_groups &&
		mount --bind /tmp/cpuinfo /proc/cpuinfo && mount --bind /tmp/cmdline /proc/cmdline && exec "$@"' - "$@"
}
# What setup and its tools could change; dpkg keeps lists and logs of what it has done.
picture() {
	find /etc /boot /usr/share/qemu /usr/share/OVMF /usr/bin/qemu-img /var/lib/vfio-run -type f -exec sha256sum {} + 2>/dev/null |
		grep -v ' /etc/ld.so.cache$' | sort -k 2
}
picture >/tmp/before
installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }
booted_with() { grep -Eq "linux.*/vmlinuz.*[ ]$1( |\$)" /boot/grub/grub.cfg; }
as_before() {
	picture >/tmp/after
	diff /tmp/before /tmp/after >/tmp/differs
}
# all_back WHAT
all_back() {
	if as_before; then pass "$1: every file is as it was"; else
		fail "$1: every file is as it was"
		diag_file /tmp/differs
	fi
	not_ok "$1: the packages are gone" installed ovmf
	not_ok "$1: no line and no text is kept" ls $state/*
}
hash_of() { sha256sum "$1" | cut -d ' ' -f 1; }

# ---- what is shown, and a no ------------------------------------------------------------------------------

off $own setup >/tmp/shown 2>&1
is $? 3 "setup: exit 3"
out=$(tr -s ' \n' ' ' </tmp/shown)
like "$out" 'Debian GNU/Linux 13.*; boot loader: GRUB; initramfs: initramfs-tools' "it knows the system"
for line in '/usr/bin/apt-get install -y --no-install-recommends ovmf' '/usr/bin/apt-get install -y --no-install-recommends qemu-utils' \
	"$drop_in, a new file" 'intel_iommu=on' "$options" '- options vfio_iommu_type1 allow_unsafe_interrupts=1' '/usr/sbin/update-grub' \
	'/usr/sbin/update-initramfs -u -k all'; do
	ok "it shows: $line" grep -qF -- "$line" /tmp/shown
done
ok "nothing was changed" as_before
out=$(off setsid $own setup --apply 2>&1 </dev/null)
is $? 3 "without a terminal: exit 3"
like "$out" 'no terminal to ask on' "it says so"
ok "and changes nothing" as_before
out=$(setpriv --reuid 1500 --regid 1500 --clear-groups $own setup --apply -y 2>&1)
is $? 3 "not by root: exit 3"
like "$out" '`sudo vfio-run setup --apply -y`' "with what to type"

# ---- done ---------------------------------------------------------------------------------------------------

modified=$(hash_of $options)
off $own setup --apply -y >/tmp/out 2>&1
diag "exit status $?: $(tail -n 1 /tmp/out)" # 3: KVM's module is left to its owner
ok "the packages are installed" installed ovmf
ok "both" installed qemu-utils
ok "a VM can have its firmware" test -e /usr/share/qemu/firmware/60-edk2-x86_64.json
ok "the option is gone" sh -c "! grep allow_unsafe_interrupts $options"
ok "what stood beside it is there" grep -q 'disable_vga=1' $options
ok "GRUB starts the kernel with the parameter" booted_with intel_iommu=on
like "$(cat /tmp/out)" 'done; it counts from the next boot on' "it says when it counts"
diag_file $state/record
is "$(stat -c %a /var/lib/vfio-run) $(stat -c %a $state) $(stat -c '%a %U' $state/record)" "700 700 600 root" "the record is root's"
is "$(head -n 1 $state/record)" "vfio-run setup 1" "of the first version"
ok "a line for the new file, with its hash" grep -qx "file	${drop_in#/}	none	$(hash_of $drop_in)" $state/record
ok "one for the file that was changed, with both" grep -qx "file	${options#/}	$modified	$(hash_of $options)" $state/record
is "$(hash_of "$state/$modified")" "$modified" "and its old text"
ok "for each package, what takes it away" grep -qx "command	usr/bin/dpkg	--remove	ovmf" $state/record
ok "and what is run again" grep -qx "refresh	usr/sbin/update-grub" $state/record
off $own setup >/tmp/shown 2>&1
out=$(tr -s ' \n' ' ' </tmp/shown)
like "$out" "boot again: intel_iommu=on stands in $drop_in" "setup: what is left is a boot"
unlike "$out" 'apt-get' "and no package"
cp -a $state /tmp/state
off $own setup --apply -y >&2
ok "once more changes no line" diff -r /tmp/state $state

# ---- taken back ---------------------------------------------------------------------------------------------

echo '# mine' >>$options
out=$($own setup --undo 2>&1)
is $? 3 "--undo, and a file was edited since: exit 3"
like "$out" "$options was edited since: it stays as it is; what it was before is $state/$modified" "it says which, and where its text is"
ok "that one stays" grep -qx '# mine' $options
not_ok "the other file is gone" test -e $drop_in
not_ok "GRUB starts without the parameter" booted_with intel_iommu=on
not_ok "the packages are removed" installed ovmf
not_ok "both" installed qemu-utils
is "$(grep -c '^file' $state/record)" 1 "the record has what is left"
sed -i '/^# mine$/d' $options
out=$($own setup --undo 2>&1)
is $? 0 "--undo, when the edit is gone: exit 0"
like "$out" 'all that setup has changed was taken back' "it says so"
all_back "taken back"
out=$($own setup --undo 2>&1)
is $? 0 "--undo once more: exit 0"
like "$out" 'changed nothing here' "as there is nothing"

# ---- cut off --------------------------------------------------------------------------------------------------

# killed WHAT PROGRAM: as that runs
killed() {
	: >/tmp/out
	off setsid $own setup --apply -y >/tmp/out 2>&1 </dev/null &
	run=$!
	ok "$1: it is at work" wait_for 120 pgrep -x "$2"
	pkill -KILL -f '^vfio-run-setup apply' # it has no name of its own
	wait $run
	wait_for 120 sh -c '! pgrep -x "apt-get|dpkg|update-initramfs|update-grub|grub-mkconfig"' # it goes on by itself
	like "$(cat /tmp/out)" 'setup --undo` takes back what was done' "$1: that is said"
	$own setup --undo >/tmp/out 2>&1
	is $? 0 "$1: --undo: exit 0"
	all_back "$1"
}
killed "killed as packages are unpacked" dpkg
killed "killed as GRUB makes its menu" grub-mkconfig
done_testing
