#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-menu.sh - the examples for a VM in the desktop's menu: the entry, and polkit's rule
# shellcheck disable=SC2317 # functions are called through nothing
set -u
# shellcheck source=tests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch" "$report"' EXIT
trap 'exit 1' HUP INT TERM
menu=launcher/menu

valid() { desktop-file-validate "$menu"/*.desktop; }
if command -v desktop-file-validate >/dev/null; then
	nothing 'desktop-file-validate has nothing to say' valid
else
	skip 'desktop-file-validate has nothing to say' 'desktop-file-utils is not installed'
fi
units() { sed -n 's/^Exec=vfio-run \(start\|stop\) \(.*\)/vfio-run@\2.service/p' "$menu/win10.desktop"; }
one_unit() {
	[ "$(units | tr '\n' ' ')" = 'vfio-run@win10.service vfio-run@win10.service ' ] || units
	[ "$(grep -c '^Exec=' "$menu/win10.desktop")" = 2 ] || echo 'not two commands'
	grep -qF "\"$(units | head -n 1)\"" "$menu/win10.rules" || echo 'the rule is of another unit'
	grep -qF 'vfio-run@%s.service' launcher/commands/start.c || echo 'vfio-run start starts another'
}
nothing 'entry and rule are of one unit' one_unit

# polkit's own interpreter is duktape, or SpiderMonkey: what it calls is the function, with these two.
cat >"$scratch/polkit.js" <<'JS'
var rule, polkit = { Result: { YES: "yes" }, addRule: function (f) { rule = f; } };
function ask(id, unit, verb, user, local, active) {
	var details = { unit: unit, verb: verb };
	return rule({ id: id, lookup: function (key) { return details[key]; } },
		    { user: user, local: local, active: active });
}
JS
cat >"$scratch/asks.js" <<'JS'
var systemd = "org.freedesktop.systemd1.manage-units", own = "vfio-run@win10.service";
[
	[ "yes", systemd, own, "start", "alice", true, true ],
	[ "yes", systemd, own, "stop", "alice", true, true ],
	[ undefined, systemd, own, "restart", "alice", true, true ],
	[ undefined, systemd, own, "kill", "alice", true, true ],
	[ undefined, systemd, own, undefined, "alice", true, true ],
	[ undefined, systemd, "vfio-run@win11.service", "start", "alice", true, true ],
	[ undefined, systemd, "ssh.service", "start", "alice", true, true ],
	[ undefined, systemd, undefined, "start", "alice", true, true ],
	[ undefined, "org.freedesktop.systemd1.manage-unit-files", own, "start", "alice", true, true ],
	[ undefined, systemd, own, "start", "bob", true, true ],
	[ undefined, systemd, own, "start", "alice", false, true ],
	[ undefined, systemd, own, "start", "alice", true, false ]
].forEach(function (row) {
	var got = ask.apply(null, row.slice(1));
	if (got !== row[0])
		print(row.slice(1).join(" ") + ": " + got + ", and should be " + row[0]);
});
JS
asked() {
	cat "$scratch/polkit.js" "$menu/win10.rules" "$scratch/asks.js" >"$scratch/all.js"
	case $interpreter in
	node) sed -i '1i var print = console.log;' "$scratch/all.js" ;;
	esac
	$interpreter "$scratch/all.js" 2>&1
}
interpreter=
for program in duk node qjs; do
	[ -n "$interpreter" ] || ! command -v $program >/dev/null || interpreter=$program
done
if [ -n "$interpreter" ]; then
	nothing 'the rule says yes to alice at the machine, for that unit, start and stop, and to nothing else' asked
else
	skip 'the rule says yes to what it should alone' 'neither duk nor node is installed'
fi
finish
