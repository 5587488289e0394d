#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-packages.sh - what packages are made of: the version, dependencies, scripts; none is built here
#
# They are built by tests/packages, in `make check-all`.
# shellcheck disable=SC2317 # functions are called through nothing and same
set -u
# shellcheck source=tests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch" "$report"' EXIT
trap 'exit 1' HUP INT TERM
packages=launcher/packages

# ---- the version -------------------------------------------------------------------------------

# In a clone of its own, of what it is made from; nothing of the caller's git reaches it.
tree=$scratch/tree
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_CEILING_DIRECTORIES=$scratch
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
export GIT_AUTHOR_DATE='2026-12-01T12:00:00Z' GIT_COMMITTER_DATE='2026-12-01T12:00:00Z'
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
in_tree() { git -C "$tree" "$@"; }
commit() { in_tree add -A && in_tree commit -q -m "$1"; }
version() { "${2:-$tree}/launcher/packages/version" ${1:+"$1"}; }
# unpack FOLDER: the tarball that git makes of it
unpack() {
	rm -rf "$1"
	mkdir -p "$1"
	in_tree archive HEAD | tar -xm -C "$1"
}
make_tree() {
	mkdir -p "$tree/launcher/packages"
	cp "$packages"/version "$tree/launcher/packages/"
	cp .dist-version .gitattributes "$tree/"
	printf '# Changelog\n\n## 0.9.0 - 2026-11-30\n\n* a\n\n## 0.8.0\n' >"$tree/CHANGELOG.md"
	git init -q "$tree" && commit one
}
says() {
	got=$(version "${3:-}" "$2")
	[ "$got" = "$1" ] || echo "it is '$got', and should be '$1'"
}
hash_of() { in_tree rev-parse --short HEAD; }

if command -v git >/dev/null; then
	make_tree
	untagged=0.9.0~20261201.g$(hash_of)
	nothing 'before a tag: the release that the changelog begins with, and what it is before that' says "$untagged" "$tree"
	unpack "$scratch/plain"
	nothing 'a tarball of it says the same' says "$untagged" "$scratch/plain"
	git init -q "$scratch/other" && git -C "$scratch/other" commit -q --allow-empty -m x && git -C "$scratch/other" tag v7.7
	unpack "$scratch/other/src"
	nothing 'so it does within the clone of another project' says "$untagged" "$scratch/other/src"
	in_tree tag -a -m x v0.9.0
	nothing 'at a tag it is the release' says 0.9.0 "$tree"
	unpack "$scratch/plain"
	nothing 'and so is a tarball of it' says 0.9.0 "$scratch/plain"
	echo >>"$tree/CHANGELOG.md"
	nothing 'what is not committed is said' says 0.9.0+dirty "$tree"
	nothing 'but not of the tarball' says 0.9.0 "$tree" --committed
	commit two
	nothing 'after a tag' says "0.9.0+1.g$(hash_of)" "$tree"
	unpack "$scratch/plain"
	nothing 'and so is a tarball of that' says "0.9.0+1.g$(hash_of)" "$scratch/plain"
	rm -rf "$scratch/plain/.dist-version"
	cp .dist-version "$scratch/plain/"
	nothing 'a folder that was copied from a clone: it does not pretend' says 0.9.0~unknown "$scratch/plain"
else
	skip 'the version of a clone and of a tarball' 'there is no git'
fi
in_order() {
	while read -r older newer; do
		dpkg --compare-versions "$older-1" lt "$newer-1" || echo "dpkg: $older is not before $newer"
		if command -v vercmp >/dev/null; then
			[ "$(vercmp "${older/\~/pre}" "${newer/\~/pre}")" = -1 ] || echo "pacman: $older is not before $newer"
		fi
		if command -v rpmdev-vercmp >/dev/null; then
			rpmdev-vercmp "$older" "$newer" | grep -q '<' || echo "rpm: $older is not before $newer"
		fi
	done <<-'ROWS'
		0.9.0~20261130.gabc 0.9.0~20261201.gaaa
		0.9.0~20261201.gabc 0.9.0
		0.9.0 0.9.0+1.gabc
		0.9.0+1.gabc 0.9.0+12.gaaa
		0.9.0+12.gabc 0.9.1~20270101.gabc
		0.9.0 0.10.0
	ROWS
}
if command -v dpkg >/dev/null; then
	nothing 'package managers order these versions as they came' in_order
else
	skip 'package managers order these versions as they came' 'there is no dpkg'
fi
headings() {
	grep '^## ' CHANGELOG.md | grep -vnE '^## [0-9]+\.[0-9]+\.[0-9]+ - 20[0-9]{2}-[0-9]{2}-[0-9]{2}$'
	grep -q '^## ' CHANGELOG.md || echo 'no release'
	awk 'length > (/^(\* |  )/ ? 78 : 80) { print "too wide for dpkg: " $0 }' CHANGELOG.md
	awk '/^## / { n++ } n && !/^(## |\* |  [^ ]|$)/ && !/^[A-Z]/ { print FILENAME ":" FNR ": " $0 }' CHANGELOG.md
}
nothing 'each release in the changelog has a number and a date' headings
entries() {
	command -v dpkg-parsechangelog >/dev/null || return 0
	"$packages"/changelog deb 0.9.0 >"$scratch/changelog"
	dpkg-parsechangelog --all -l "$scratch/changelog" >/dev/null 2>"$scratch/odd" || echo failed
	cat "$scratch/odd"
	[ "$(dpkg-parsechangelog -l "$scratch/changelog" -S Version)" = 0.9.0-1 ] || echo 'another version'
}
nothing "dpkg reads the entry that is made of it, without a warning" entries

# ---- what building needs -------------------------------------------------------------------------

# The table of tests/deps, and each package's own list; what every builder has there is not listed twice.
deps() { sed -n 's/^build //p' tests/deps | awk -v n="$1" '$n != "-" { print $n }'; }
without() { grep -vxE "$1"; }
of_deb() { sed -n '/^Build-Depends:/,/^[^ ]*:.*4\./p' "$packages"/debian/control | grep -oE '[a-z0-9.-]+-dev|pkg-config'; }
deps_deb() { deps 2 | without 'gcc|make|libc6-dev|linux-libc-dev'; }
of_rpm() { sed -n 's/^BuildRequires: *//p' "$packages"/vfio-run.spec.in; }
deps_rpm() { deps 3; }
of_arch() { bash -c '. /dev/stdin; printf "%s\n" "${depends[@]}" "${makedepends[@]}"' <"$packages"/PKGBUILD.in; }
deps_arch() { deps 4 | without 'glibc'; }
of_apk() { sed -n 's/^makedepends="\(.*\)"/\1/p' "$packages"/APKBUILD.in | tr ' ' '\n'; }
deps_apk() { deps 6 | without 'gcc|make|musl-dev'; }
for kind in deb rpm arch apk; do
	same "$kind: needs for building what tests/deps says" of_$kind deps_$kind
done

# ---- scripts ----------------------------------------------------------------------------------------

scripts="debian/vfio-run.prerm debian/vfio-run.postinst debian/vfio-run.postrm vfio-run.install.in PKGBUILD.in APKBUILD.in"
for script in $scripts; do
	mkdir -p "$scratch/filled"
	"$packages"/fill "$packages/$script" 0.9.0 >"$scratch/filled/${script##*/}"
done
"$packages"/fill "$packages"/vfio-run.spec.in 0.9.0 | sed '/^%changelog/q' >"$scratch/filled/vfio-run.spec"
filled() {
	grep -nE '@[a-z0-9-]+@' "$scratch/filled"/*
	for script in $scripts; do
		shell='sh'
		case $script in *PKGBUILD* | *.install.in) shell='bash' ;; esac
		$shell -n "$scratch/filled/${script##*/}" 2>&1
	done
}
nothing 'scripts of packages are filled in, and well formed' filled
quiet() { grep -nE 'systemctl|deb-systemd|dh_installsystemd|systemd_(post|pre)|pkill|killall|rmmod|/run/vfio-run' "$scratch/filled"/* | grep -vE 'systemctl --system daemon-reload|:[0-9]+:[[:space:]]*(#|echo "  [^"$`]*"$)'; }
nothing 'none of them stops, starts or removes anything of a VM' quiet
flake() {
	command -v nix-instantiate >/dev/null || return 0
	nix-instantiate --parse "$packages"/flake.nix >/dev/null 2>"$scratch/nix" || cat "$scratch/nix"
}
nothing 'the flake can be read' flake
apkbuild() {
	(
		# shellcheck disable=SC1091,SC2154 # it is made, and so are these
		. "$scratch/filled/APKBUILD.in"
		# shellcheck disable=SC2154
		[ "$pkgname-$pkgver-r$pkgrel $license" = 'vfio-run-0.9.0-r0 GPL-2.0-or-later' ] || echo "$pkgname $pkgver $license"
		for function in build package; do
			command -v "$function" >/dev/null || echo "no $function()"
		done
	)
}
nothing 'the APKBUILD can be read' apkbuild

# What a removal says, of what the program says.
cat >"$scratch/vfio-run" <<'PROGRAM'
#!/bin/sh
case "$1" in
status) [ -z "${VMS:-}" ] || printf '%s: running, started 5 s ago\n  devices    0000:01:00.0\n' $VMS ;;
attach) [ -z "${KEPT:-}" ] || printf '  bind             %s       vfio-pci -> nouveau\n' $KEPT $KEPT ;;
recover) [ -z "${LEFT:-}" ] || { printf '  bind             %s       vfio-pci -> nouveau\n' $LEFT; exit 5; } ;;
esac
PROGRAM
printf '#!/bin/sh\necho "systemctl $*" >>%s/called\n' "$scratch" >"$scratch/systemctl"
chmod +x "$scratch/vfio-run" "$scratch/systemctl"
removal() { PATH=$scratch:$PATH bash -c '. "$0"; pre_remove' "$scratch/filled/vfio-run.install.in"; }
prerm() { PATH=$scratch:$PATH sh "$scratch/filled/vfio-run.prerm" "$1"; }
check_said() {
	: >"$scratch/called"
	for say in removal 'prerm remove'; do
		$say >"$scratch/said" 2>&1 || echo "$say fails"
		for word; do
			grep -q -- "$word" "$scratch/said" || { echo "$say: no $word"; cat "$scratch/said"; }
		done
		awk 'length > 80' "$scratch/said"
	done
	cat "$scratch/called"
}
silent() {
	removal
	prerm remove
	VMS='win10' KEPT=0000:01:00.0 prerm upgrade
	VMS='win10' KEPT=0000:01:00.0 prerm failed-upgrade
}
nothing 'a removal says nothing when nothing runs, and an upgrade never' silent
runs_on() { VMS='win10 linux' check_said '  win10: running' '  linux: running' 'systemctl stop'; }
nothing 'a removal names the VMs that run on' runs_on
kept() { KEPT=0000:01:00.0 LEFT=0000:02:00.0 check_said '^  0000:01:00.0$' '^  0000:02:00.0$' 'vfio-run attach' 'vfio-run recover'; }
nothing 'and the devices that stay on vfio-pci, detached or interrupted' kept
finish
