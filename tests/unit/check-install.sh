#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-install.sh - what the Makefile promises to a builder: places, flags, what may be missing
#
# Nothing is compiled where only places matter: the compiler is one that makes empty programs.
# shellcheck disable=SC2317,SC2016 # functions are called through nothing; other shells expand
set -u
# shellcheck source=tests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch" "$report"' EXIT
trap 'exit 1' HUP INT TERM

cat >"$scratch/cc" <<'CC'
#!/bin/sh
echo "$*" >>"${0%/*}/cc.log"
while [ $# -gt 0 ]; do
	[ "$1" != -o ] || out=$2
	shift
done
[ "${out:-/dev/null}" = /dev/null ] || { printf '#!/bin/sh\n' >"$out" && chmod +x "$out"; }
CC
# Knows every library but $MISSING.
cat >"$scratch/pkg-config" <<'PKG'
#!/bin/sh
echo "$*" >>"${0%/*}/cc.log"
case " $* " in *" ${MISSING:-none} "*) exit 1 ;; *--libs*) echo "-l$2" ;; esac
PKG
chmod +x "$scratch/cc" "$scratch/pkg-config"
# Of what this was started by: flags, targets and variables of the builder's.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES DESTDIR prefix CPPFLAGS CFLAGS LDFLAGS LIBSYSTEMD NO_DEPS V
build_with() { ${MAKE:-make} --no-print-directory "$@" 2>&1; }
empty() { build_with -j4 B="$scratch/b" CC="$scratch/cc" PKG_CONFIG="$scratch/pkg-config" "$@"; }
files() { (cd "$1" && find . ! -type d | sed 's/^\.//' | LC_ALL=C sort); }
equal() { diff - "$1"; }

# ---- places ----------------------------------------------------------------------------------

root=$scratch/local
empty install DESTDIR="$root" LIBSYSTEMD=yes >"$scratch/log" || cat "$scratch/log" >&2
layout() {
	files "$root" | grep -v /examples/ >"$scratch/files"
	equal "$scratch/files" <<'FILES'
/etc/fish/completions/vfio-run.fish
/usr/local/bin/vfio-run
/usr/local/lib/systemd/system/vfio-run@.service
/usr/local/libexec/vfio-run/import
/usr/local/libexec/vfio-run/keeper
/usr/local/libexec/vfio-run/module
/usr/local/libexec/vfio-run/rom
/usr/local/libexec/vfio-run/scope
/usr/local/libexec/vfio-run/session
/usr/local/libexec/vfio-run/setup
/usr/local/libexec/vfio-run/vfio-qmp
/usr/local/share/bash-completion/completions/vfio-run
/usr/local/share/doc/vfio-run/CHANGELOG.md
/usr/local/share/doc/vfio-run/COPYING
/usr/local/share/doc/vfio-run/README.md
/usr/local/share/man/man5/vfio-run.profile.5
/usr/local/share/man/man8/vfio-run.8
/usr/local/share/zsh/site-functions/_vfio-run
FILES
}
nothing 'every file of an installation is where a user looks for it' layout
# What packages are made from.
listed() {
	empty files LIBSYSTEMD=yes >"$scratch/table"
	sed -n 's/^0[0-9]* //p' "$scratch/table" | LC_ALL=C sort >"$scratch/rows"
	files "$root" | equal "$scratch/rows"
	while read -r mode path; do
		[ "$mode" != dir ] || { [ -d "$root$path" ] || echo "no folder $path"; continue; }
		[ "$(stat -c %a "$root$path")" = "${mode#0}" ] || echo "$path has not the mode $mode"
	done <"$scratch/table"
}
nothing 'make files has every file of it, with its mode' listed
profiles_place() { [ -d "$root/etc/vfio-run" ] || echo 'no /etc/vfio-run'; }
nothing 'the folder of the profiles is made' profiles_place
# The umask of an ordinary user on Debian lets the user's group write; a sloppier one everybody.
for_its_user_alone() {
	rm -r "$scratch/b/bin" "$scratch/b/libexec"
	(umask 0 && empty all LIBSYSTEMD=yes >/dev/null)
	for program in bin/vfio-run libexec/vfio-run/keeper libexec/vfio-run/module libexec/vfio-run/rom libexec/vfio-run/scope libexec/vfio-run/import libexec/vfio-run/setup libexec/vfio-run/vfio-qmp; do
		find "$scratch/b/$program" -perm /022 -printf '%f can be written by others\n' 2>&1
	done
}
nothing 'whatever the umask is, what is built can be written by its builder alone' for_its_user_alone
uninstall() {
	: >"$root/etc/vfio-run/mine.profile"
	empty uninstall DESTDIR="$root" >/dev/null
	files "$root" | grep -vx /etc/vfio-run/mine.profile
	rm "$root/etc/vfio-run/mine.profile"
	empty uninstall DESTDIR="$root" >/dev/null
	[ ! -d "$root/etc/vfio-run" ] || echo 'an empty /etc/vfio-run is left'
}
nothing 'uninstall takes all of it, and never a profile' uninstall

elsewhere() {
	empty install DESTDIR="$scratch/opt" prefix=/opt/v sysconfdir=/opt/e LIBSYSTEMD=no >/dev/null
	grep -rnE '/usr/local/(bin|lib)|/etc/vfio-run|@[a-z]+dir@' "$scratch/opt" --include=vfio-run* --include=_vfio-run --include=README.md
	grep -q '/opt/v/bin/vfio-run /opt/e/vfio-run/win10.profile' "$scratch/opt/opt/v/share/man/man8/vfio-run.8" ||
		echo "the manual's line for sudo has another place"
	grep -q '^ExecStart=/opt/v/bin/vfio-run' "$scratch/opt/opt/v/lib/systemd/system/vfio-run@.service" ||
		echo 'the unit starts another'
	[ -d "$scratch/opt/opt/e/vfio-run" ] || echo 'no /opt/e/vfio-run'
}
nothing 'manuals, completions and the unit name the places of this installation' elsewhere
no_systemd() { files "$scratch/opt" | grep scope; grep -l lsystemd "$scratch/b/flags"; }
nothing 'LIBSYSTEMD=no: nothing of it, though the library is there' no_systemd
older() {
	mkdir -p "$scratch/old/usr/local/sbin"
	: >"$scratch/old/usr/local/sbin/vfio-run"
	empty install DESTDIR="$scratch/old" >/dev/null
	files "$scratch/old" | grep sbin
}
nothing 'an older one in sbin, which sudo would find first, goes' older

shell_places() {
	empty install DESTDIR="$scratch/usr" prefix=/usr >/dev/null
	for root in local usr; do
		prefix=/usr
		[ "$root" = usr ] || prefix=/usr/local
		empty install DESTDIR="$scratch/$root" prefix="$prefix" >/dev/null
	done
	zsh=$(dirname "$(files "$scratch/$1" | grep zsh)") fish=$(dirname "$(files "$scratch/$1" | grep fish)")
	! command -v zsh >/dev/null || zsh -fc 'print -l $fpath' | grep -qx "$zsh" || echo "zsh does not look in $zsh"
	! command -v fish >/dev/null || env -u XDG_DATA_DIRS HOME="$scratch" fish -c 'printf "%s\n" $fish_complete_path' |
		grep -qx "$fish" || echo "fish does not look in $fish"
}
if command -v zsh >/dev/null || command -v fish >/dev/null; then
	nothing 'prefix=/usr/local: this machine'"'"'s zsh and fish look where it is' shell_places local
	nothing 'prefix=/usr: they do, too' shell_places usr
else
	skip 'zsh and fish look where the completions are' 'neither is here'
fi

# ---- what may be missing -----------------------------------------------------------------------

# one_sentence WORDS ARGUMENT...: make says this, in one line, and fails
one_sentence() {
	words=$1
	shift
	rm -rf "$scratch/b"
	said=$(empty "$@") && echo 'make is content'
	[ "$(printf '%s\n' "$said" | wc -l)" = 1 ] || printf 'more than a line: %s\n' "$said"
	printf '%s\n' "$said" | grep -q "$words.*make deps" || printf 'it says: %s\n' "$said"
}
nothing 'no pkg-config: one sentence' one_sentence 'nosuch is missing' PKG_CONFIG=nosuch
nothing 'no compiler: one sentence' one_sentence 'nosuch is missing' CC=nosuch
without() {
	export MISSING="$1"
	shift
	one_sentence "$@"
	unset MISSING
}
nothing 'no library: one sentence' without libkmod 'missing: libkmod' all
nothing 'LIBSYSTEMD=yes and no libsystemd: one sentence' without libsystemd LIBSYSTEMD=yes LIBSYSTEMD=yes
helpless() {
	for target in help deps clean dist uninstall; do
		said=$(build_with -n "$target" PKG_CONFIG=nosuch CC=nosuch B="$scratch/none") || printf "%s: %s\n" "$target" "$said"
	done
	[ ! -e "$scratch/none" ] || echo 'something was built'
}
nothing 'what installs the compiler needs none' helpless

# ---- the two commands --------------------------------------------------------------------------

# Done in this order, each after what it needs.
demo_builds() {
	rm -rf "$scratch/b"
	empty -n demo | awk '/tests\/deps demo/ { deps = NR } /LD.*bin\/vfio-run/ { built = NR }
		/tests\/lab\/demo/ { shown = NR }
		END { if (!deps || deps > built || built > shown) print "deps", deps, "built", built, "shown", shown }'
}
nothing 'make demo installs, builds and shows' demo_builds
no_deps() {
	empty -n demo NO_DEPS=1 | grep "tests/deps"
	empty -n deps | grep -q 'tests/deps build' || echo 'make deps installs something else'
}
nothing 'NO_DEPS=1 installs nothing' no_deps

# A machine on which nothing is installed but the commands that every system has.
bare=$scratch/bare
mkdir "$bare"
for command in sh awk mktemp tr rm grep tee tail cat; do
	ln -s "$(command -v $command)" "$bare/$command"
done
printf '#!/bin/sh\necho "$WHO"\n' >"$bare/id"
# Its lists are there only after `update`.
cat >"$bare/apt-get" <<'APT'
#!/bin/sh
echo "apt-get $*" >>"${0%/*}/log"
case " $* " in
*' update '*) : >"${0%/*}/lists" ;;
*) [ -e "${0%/*}/lists" ] ;;
esac
APT
chmod +x "$bare/id" "$bare/apt-get"
deps() { WHO=$1 PATH=$bare sh tests/deps "$2" 2>&1; }
one_command() {
	deps 1000 "$1" | sed -n 's/^  //p' >"$scratch/command"
	[ "$(wc -l <"$scratch/command")" = 1 ] || echo 'not one command'
	grep -qE '^apt-get update && apt-get install -y --no-install-recommends [a-z0-9 +.-]*$' "$scratch/command" || cat "$scratch/command"
	for package in $2; do
		grep -q " $package\( \|$\)" "$scratch/command" || echo "without $package"
	done
	for package in $3; do
		! grep -q " $package\( \|$\)" "$scratch/command" || echo "with $package"
	done
}
nothing 'make deps: what building needs' one_command build 'gcc libc6-dev pkg-config libpci-dev' 'qemu-system-x86 clang'
nothing 'make demo: and what the demo needs' one_command demo 'gcc qemu-system-x86 cpio xz-utils' 'clang ovmf libcmocka-dev'
nothing 'make check: and all the rest' one_command check 'gcc qemu-system-x86 qemu-utils clang strace' ''
by_root() {
	deps 0 demo >/dev/null
	sed 's/ install .*/ install/' "$bare/log" >"$scratch/apt"
	equal "$scratch/apt" <<'LOG'
apt-get -q -y --no-install-recommends -s install
apt-get -q update
apt-get -q -y --no-install-recommends install
LOG
}
nothing 'as root it is installed, and missing lists are read first' by_root

# ---- flags of distributions ----------------------------------------------------------------------

# compiles SOURCE ARGUMENT...: with the real compiler, without a warning
compiles() {
	source=$1
	shift
	build_with B="$scratch/d" WERROR=1 "$@" "$scratch/d/obj/${source%.c}.o" >"$scratch/log" 2>&1 || cat "$scratch/log"
}
# shellcheck source=tests/unit/flags.sh
. "$(dirname "$0")/flags.sh"
for distribution in debian fedora arch; do
	$distribution # sets cppflags, cflags, ldflags
	nothing "$distribution's flags, and none twice" compiles launcher/base/path.c \
		CPPFLAGS="$cppflags" CFLAGS="$cflags" LDFLAGS="$ldflags"
done
named() {
	compiles launcher/host/qemu/qemu.c qemudirs='/nix/a /nix/b'
	grep -aq /nix/b "$scratch/d/obj/launcher/host/qemu/qemu.o" || echo 'QEMU is not looked for there'
	! grep -aq /usr/libexec "$scratch/d/obj/launcher/host/qemu/qemu.o" || echo 'and in others'
	compiles launcher/host/qemu/firmware.c firmwaredirs=/nix/f
	grep -aq /nix/f "$scratch/d/obj/launcher/host/qemu/firmware.o" || echo 'descriptors are not looked for there'
	compiles launcher/host/pci.c pciids=/nix/p
	grep -aq /nix/p "$scratch/d/obj/launcher/host/pci.o" || echo 'names of devices are not'
}
nothing 'folders of QEMU, of descriptors and the names of devices are variables' named

# ---- nothing is asked twice -----------------------------------------------------------------------

once() {
	empty all >/dev/null
	: >"$scratch/cc.log"
	empty all >/dev/null
	grep -vx -e '--version' "$scratch/cc.log"
	MISSING=libsystemd empty -B all LIBSYSTEMD=no >/dev/null
}
nothing 'a second make asks neither compiler nor pkg-config' once
lax() {
	rm -f "$scratch/d/obj/launcher/base/path.o"
	build_with B="$scratch/d" CFLAGS=-O2\ -Wunused-macros "$scratch/d/obj/launcher/base/path.o" >/dev/null || echo 'a warning is an error'
	[ -s "$scratch/d/obj/launcher/base/path.o.said" ] || return 0 # no warning of that kind here
	! build_with B="$scratch/d" WERROR=1 CFLAGS=-O2\ -Wunused-macros "$scratch/d/obj/launcher/base/path.o" >/dev/null ||
		echo 'what was warned about is taken for good by WERROR=1'
}
nothing 'warnings are no errors, and WERROR=1 finds those of before' lax
finish
