#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-edit.sh - `vfio-run edit`: whose editor it is, with what, and what is said afterwards
# shellcheck disable=SC2317 # functions are called through check
set -u
# shellcheck source=tests/unit/cli.sh
. "$(dirname "$0")/cli.sh"

# The editor: does to the file what $scratch/change says, and tells who it was.
mkdir "$scratch/told" && chmod 777 "$scratch/told"
cat >"$scratch/editor" <<EDITOR
#!/bin/sh
{ id -u; echo "\$*"; env | cut -d= -f1 | LC_ALL=C sort | tr '\n' ' '; } >"$scratch/told/as"
for file; do :; done
sh "$scratch/change" "\$file"
EDITOR
chmod 755 "$scratch/editor"
me=$(id -u)
profile() { # FILE OWNER
	printf '[vm]\nmemory = 1G\naccel = tcg\nfirmware = bios\n' >"$1" && chmod 644 "$1" && chown "$2" "$1"
}
# edit STATUS CHANGE WORD...: with that change to the file
edit() {
	local want=$1
	echo "$2" >"$scratch/change"
	shift 2
	rm -f "$scratch/told/as"
	EDITOR="$scratch/editor -w" SECRET=x SUDO_COMMAND=x "$program" edit "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	[ $? = "$want" ]
}
profile "$scratch/a.profile" "$me"
check 'nothing changed: 0' edit 0 : "$scratch/a.profile"
check 'and it says that every line is understood' grep -q 'a.profile: every line of it is understood' "$scratch/err"
check 'the editor got its words and the file' grep -qx -- "-w $scratch/a.profile" "$scratch/told/as"
check 'and no variable of the caller' sh -c "! grep -qE 'SECRET|SUDO' '$scratch/told/as' && grep -q 'HOME' '$scratch/told/as'"
# shellcheck disable=SC2016 # for the editor
check 'a mistake: 3' edit 3 'echo "cpu = 4x = " >>"$1"; echo "memroy = 2G" >>"$1"' "$scratch/a.profile"
check 'with the line of it' grep -q 'a.profile:6:1: error.*memroy' "$scratch/err"
check 'and what was meant' grep -q 'memory' "$scratch/err"
check 'an editor that fails: 3' edit 3 'exit 5' "$scratch/a.profile"
check 'with its status' grep -q 'ended with 5' "$scratch/err"
profile "$scratch/a.profile" "$me"
check 'VISUAL comes before EDITOR' sh -c "VISUAL=/bin/false EDITOR=/bin/true '$program' edit '$scratch/a.profile' 2>'$scratch/err'; [ \$? = 3 ] && grep -q '/bin/false' '$scratch/err'"
# shellcheck disable=SC2016 # nothing is to expand
for editor in 'sh -c "x"' './editor' 'nosuch-editor' '/bin/true; id' '$(id)'; do
	check "an editor that is none: $editor" sh -c "VISUAL='$editor' '$program' edit '$scratch/a.profile' 2>'$scratch/err'; [ \$? = 3 ] && grep -q 'VISUAL=' '$scratch/err'"
done
if [ "$(id -u)" = 0 ]; then
	own=$scratch/own
	mkdir "$own" && chown 65534 "$own" && chmod 755 "$own"
	profile "$own/b.profile" 65534
	export SUDO_USER=$user_name SUDO_UID=65534
	check 'behind sudo a profile of the user: edited' edit 0 : "$own/b.profile"
	check 'by an editor that is the user' grep -qx 65534 "$scratch/told/as"
	check 'one of root is not: 3' edit 3 : "$scratch/a.profile"
	check 'and no editor was run' test ! -e "$scratch/told/as"
	check 'with what to type' grep -q "sudoedit $scratch/a.profile" "$scratch/err"
	unset SUDO_USER SUDO_UID
else
	skip 'behind sudo' 'not root'
fi
finish
