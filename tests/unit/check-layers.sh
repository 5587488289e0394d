#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-layers.sh - the arrows between the rooms, and what is done in one place only
#
# Exceptions stand in lists here, each with its reason. LAYERS_ROOT: another tree.
# shellcheck disable=SC2317 # functions are called through nothing
set -u
# shellcheck source=tests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
build=$(cd "${VFIO_RUN_BUILD:-build}" && pwd)
cd "${LAYERS_ROOT:-.}" || exit 1

# ---- the top level ----------------------------------------------------------------------------

# What git keeps, where it is asked in its own tree: the folders say what the program is.
strangers() {
	git -c safe.directory='*' ls-files | sed 's|/.*||' | sort -u |
		grep -vxE 'launcher|qmp|profiles|tests|Makefile|README\.md|COPYING|CONTRIBUTING\.md|CHANGELOG\.md|\..*'
}
if [ -e .git ]; then
	nothing 'nothing stands beside the rooms at the top level' strangers
else
	skip 'nothing stands beside the rooms at the top level' 'a tree without git'
fi

# ---- who includes whom ------------------------------------------------------------------------

# A file (the first row whose beginning fits), and what its includes can begin with; "FOLDER/.": a
# file of that folder itself, none of a room in it.
arrows() {
	cat <<'TABLE'
launcher/base/                launcher/base/
launcher/host/.               launcher/host/. launcher/base/
launcher/host/kernel/         launcher/host/kernel/ launcher/host/. launcher/base/
launcher/host/user/           launcher/host/user/ launcher/host/. launcher/base/
launcher/host/devices/        launcher/host/devices/ launcher/host/kernel/ launcher/host/user/ launcher/host/. launcher/base/
launcher/host/holders/        launcher/host/holders/ launcher/host/devices/ launcher/host/user/ launcher/host/. launcher/base/
launcher/host/seat/           launcher/host/seat/ launcher/host/devices/ launcher/host/user/ launcher/host/. launcher/base/
launcher/host/qemu/           launcher/host/qemu/ launcher/host/user/ launcher/host/. launcher/base/
launcher/plan/plan.c          launcher/plan/ launcher/host/ launcher/base/ profiles/
launcher/plan/serialize.      launcher/plan/. launcher/plan/programs/ launcher/plan/changes/ launcher/host/ launcher/base/ launcher/keeper/handover.h profiles/
launcher/plan/.               launcher/plan/. launcher/host/ launcher/base/ launcher/keeper/handover.h profiles/
launcher/plan/changes/        launcher/plan/changes/ launcher/plan/. launcher/host/ launcher/base/ launcher/keeper/handover.h profiles/
launcher/plan/programs/       launcher/plan/programs/ launcher/plan/changes/ launcher/plan/. launcher/host/ launcher/base/ launcher/keeper/handover.h profiles/ qmp/rows.h
launcher/plan/qemu/           launcher/plan/qemu/ launcher/plan/programs/ launcher/plan/changes/ launcher/plan/. launcher/host/ launcher/base/ launcher/keeper/handover.h profiles/
launcher/plan/checks/         launcher/setup/packages.h launcher/plan/checks/ launcher/plan/qemu/window.h launcher/plan/changes/ launcher/plan/. launcher/host/ launcher/base/ profiles/
launcher/plan/print/          launcher/plan/print/ launcher/plan/programs/ launcher/plan/changes/ launcher/plan/. launcher/host/ launcher/base/ profiles/
launcher/inspect/             launcher/setup/packages.h launcher/inspect/ launcher/cli.h launcher/plan/ launcher/host/ launcher/base/ profiles/
launcher/commands/            launcher/commands/ launcher/setup/ launcher/inspect/ launcher/cli.h launcher/plan/ launcher/host/ launcher/base/ launcher/keeper/handover.h profiles/ qmp/control.h
launcher/completion/          launcher/cli.h
launcher/import/              launcher/import/ launcher/base/
launcher/setup/               launcher/setup/ launcher/host/small-file.h launcher/base/
launcher/keeper/programs/setup launcher/keeper/programs/setup.h launcher/keeper/handover.h launcher/setup/ launcher/host/small-file.h launcher/base/
launcher/keeper/programs/     launcher/keeper/programs/ launcher/base/
launcher/keeper/handover.h    launcher/base/
launcher/keeper/process/      launcher/keeper/process/ launcher/keeper/keeper.h launcher/keeper/handover.h launcher/keeper/journal/ launcher/base/
launcher/keeper/journal/      launcher/keeper/journal/ launcher/keeper/process/ launcher/keeper/keeper.h launcher/keeper/handover.h launcher/base/
launcher/keeper/worker/       launcher/keeper/worker/ launcher/keeper/process/ launcher/base/
launcher/keeper/kinds/        launcher/keeper/kinds/ launcher/keeper/journal/ launcher/keeper/worker/ launcher/keeper/process/ launcher/keeper/keeper.h launcher/base/
launcher/keeper/ledger/       launcher/keeper/ledger/ launcher/keeper/kinds/ launcher/keeper/journal/ launcher/keeper/process/ launcher/keeper/keeper.h launcher/keeper/handover.h launcher/base/
launcher/keeper/jail/         launcher/keeper/jail/ launcher/keeper/process/ launcher/keeper/handover.h launcher/base/
launcher/keeper/vm/           launcher/keeper/vm/ launcher/keeper/journal/ launcher/keeper/ledger/ launcher/keeper/jail/ launcher/keeper/process/ launcher/keeper/keeper.h launcher/keeper/handover.h launcher/base/ qmp/record.h
launcher/keeper/              launcher/keeper/ launcher/base/
launcher/                     launcher/cli.h launcher/commands/ launcher/inspect/ launcher/base/ launcher/keeper/handover.h
qmp/record.h                  none
qmp/control.h                 none
qmp/rows.h                    none
qmp/                          qmp/ launcher/base/
profiles/                     profiles/ launcher/base/suggest.h launcher/base/pci-address.h
TABLE
}
includes() { grep -rHoE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"[^"]*"' launcher qmp profiles --include=*.[ch] | sed 's/:.*"\(.*\)"/ \1/'; }
wrong_includes() {
	{
		arrows | sed 's/^/arrow /'
		includes | sed 's/^/include /'
	} | awk '
		function begins(file, row) {
			if (row !~ /\/\.$/)
				return index(file, row) == 1
			sub(/\.$/, "", row)
			return index(file, row) == 1 && substr(file, length(row) + 1) !~ /\//
		}
		$1 == "arrow" { from[++n] = $2; $1 = $2 = ""; to[n] = $0; next }
		{
			fits = 0
			for (i = 1; i <= n && !begins($2, from[i]); i++)
				;
			count = split(i <= n ? to[i] : "", allowed, " ")
			for (j = 1; j <= count; j++)
				if (begins($3, allowed[j]))
					fits = 1
			if (!fits)
				print $2 " includes " $3
		}'
}
nothing 'includes follow the arrows' wrong_includes
nothing 'every include was seen' sh -c "[ $(includes | wc -l) -ge 200 ] || echo only $(includes | wc -l)"
nothing 'local includes go by their path from the root' \
	sh -c "grep -rnE '#include \"[^/\"]*\"|#include \"\\.' launcher qmp profiles --include=*.[ch]"
nothing 'nothing of the tests is included' sh -c "grep -rn '#include \"tests' launcher qmp profiles"
nothing 'no source file is included' sh -c "grep -rnE '#include [\"<].*\\.c[\">]' launcher qmp profiles"

# ---- who calls whom, inside the keeper: by the linker's own symbols --------------------------

# A room, and the rooms that it calls; a file at the top of keeper/ is the room "main".
rooms() {
	cat <<'TABLE'
main     ledger kinds worker vm jail journal process
ledger   kinds journal process
kinds    worker journal process
worker   process
vm       ledger jail journal process
jail     process
journal  process
process
TABLE
}
# calls: "FILE FILE" a line, by their paths below launcher/keeper
calls() {
	find launcher/keeper -name '*.c' ! -path '*/programs/*' | sed 's/\.c$//' | while read -r file; do
		nm "$build/obj/$file.o" | awk -v file="${file#launcher/keeper/}" '
			NF == 2 && $1 == "U" { print "uses", file, $2 }
			NF == 3 && $2 ~ /[TDBRC]/ { print "has", file, $3 }'
	done | awk '
		$1 == "has" { in_file[$3] = $2 }
		$1 == "uses" { uses[$2 " " $3] }
		END {
			for (use in uses) {
				split(use, part, " ")
				if ((part[2] in in_file) && in_file[part[2]] != part[1])
					print part[1], in_file[part[2]]
			}
		}' | sort -u
}
wrong_calls() {
	{ rooms | sed 's/^/room /'; calls | sed 's/^/call /'; } | awk '
		function room(file) { return file ~ /\// ? substr(file, 1, index(file, "/") - 1) : "main" }
		$1 == "room" { for (i = 2; i <= NF; i++) allowed[$2 " " $i]; next }
		!((room($2) " " room($3)) in allowed) && room($2) != room($3) { print $2 " calls " $3 }'
}
circles() { { calls | tsort >/dev/null; } 2>&1; }
nothing 'calls between the rooms of the keeper go one way' wrong_calls
nothing 'no files of the keeper call each other in a circle' circles
nothing 'every call was seen' sh -c "[ $(calls | wc -l) -ge 100 ] || echo only $(calls | wc -l)"

# ---- what is done in one place only -------------------------------------------------------------

# Comments do not count, nor does what is in strings; the line keeps its file and number.
code() { # FOLDER...
	find "$@" -name '*.c' ! -path '*/completion/*' | sort -u | while read -r file; do
		awk -v file="$file" '
			{ line = $0; gsub(/"([^"\\]|\\.)*"/, "\"\"", line); gsub(/\/\*.*\*\//, "", line) }
			/^[[:space:]]*\/\*/ && !/\*\// { in_comment = 1 }
			!in_comment { sub(/\/\*.*/, "", line); sub(/\/\/.*/, "", line); print file ":" FNR ": " line }
			/\*\// { in_comment = 0 }
		' "$file"
	done
}
# except REASONS PATTERN FOLDER...: lines that match, but not in the files of the list on stdin
except() {
	pattern=$1
	shift
	sed 's/[[:space:]].*//' >"$report/except"
	code "$@" | grep -E "$pattern" | grep -vFf "$report/except" | grep -v '^$'
}

# Nothing but keeper/ changes the host. The rest may open these for writing:
writers() {
	except 'O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|[^a-z_](creat|truncate|ftruncate|mkdir|mkdirat|mknod|mknodat|rename|renameat|renameat2|unlink|unlinkat|rmdir|symlink|symlinkat|link|linkat|f?chmod|fchmodat|[fl]?chown|fchownat|mount|umount2?|ioctl|init_module|finit_module|delete_module)\(|kmod_module_(insert|remove|probe)' \
		launcher/base launcher/host launcher/plan launcher/inspect launcher/commands launcher/setup profiles launcher/*.c <<'FILES'
launcher/base/output.c:       the terminal or pipe that is open already, without its waits
launcher/base/sanitize-process.c:     /dev/null, in the place of a descriptor that is closed
launcher/host/qemu/qemu-ask.c:     /dev/null, as the emulator's stdin
launcher/commands/terminal/question.c: the terminal, for a question
launcher/commands/handover/viewer.c:   /dev/null, as the keeper's stdin and stdout
launcher/base/log-wrap.c:      nothing: it asks the terminal for its width
launcher/host/qemu/qemu-cache.c:   what was learnt about QEMU, in /run/vfio-run/cache
launcher/host/user/user-files.c:   the user's files, as the user
launcher/host/user/new-files.c:    the same: a profile and a disk that are not there yet
launcher/host/user/display-port.c: a socket, as the user
launcher/host/devices/rom-dump.c:     a new file of the user's, as the user
launcher/host/user/shm-file.c:     files in /dev/shm, as the user
launcher/host/qemu/passt.c:        /dev/null, as passt's stdin
launcher/host/user/temporary.c:    a file of the user's without a name, as the user
launcher/host/user/tpm-state.c:    the directory of a TPM's state, as the user
launcher/host/user/links.c:        /dev/net/tun and /dev/vhost-net, as the user: a tap of the user's own
launcher/plan/checks/checks-holders.c: /dev/vfio/GROUP, closed again: whether it is busy
launcher/plan/serialize.c:    the plan, a memfd of its own
FILES
}
nothing 'only keeper/ and the files of the list open anything for writing' writers
nothing 'no stream is opened for writing but by keeper/' sh -c \
	"grep -rnE 'f(d|re)?open\\([^;]*\"[wa+]|f(d|re)?open\\([^;]*\"r[a-z]*\\+' launcher/base launcher/host launcher/plan launcher/inspect launcher/commands launcher/setup launcher/*.c profiles qmp --include=*.c"
# Even the files of the list name nothing below /sys or /proc on such a line.
system_writers() { grep -rnE '(O_WRONLY|O_RDWR).*"/(sys|proc)|"/(sys|proc).*(O_WRONLY|O_RDWR)' launcher/base launcher/host launcher/plan launcher/inspect launcher/commands launcher/setup launcher/*.c profiles qmp --include=*.c | grep -v 'launcher/base/output.c:.*"/proc/self/fd/%d"'; }
nothing 'and nothing of /sys or /proc (but the own terminal or pipe)' system_writers

credentials() {
	except '[^a-z_](setresuid|setresgid|setuid|setgid|seteuid|setegid|setreuid|setregid|setfsuid|setfsgid|setgroups|initgroups|capset|capng_[a-z_]+|chroot|pivot_root|setns|unshare)\(|PR_CAP_|PR_SET_SECUREBITS|CLONE_NEW' \
		launcher qmp profiles <<'FILES'
launcher/keeper/process/caps.c:       the keeper's capabilities, and becoming the VM's user
launcher/keeper/jail/jail.c:       QEMU's namespaces
launcher/keeper/jail/jail-stages.c: its security bits
launcher/keeper/jail/jail-users.c:  a user namespace for a program beside QEMU
launcher/plan/programs/filter-rows.c:  the flags that a thread of QEMU's may not have
launcher/host/user/as-user.c:      becoming the user, to look at the user's files
FILES
}
nothing 'credentials and namespaces are changed by caps.c, the jail and as-user.c only' credentials

# A shell would expand what a user wrote; a search in PATH would find what the user put there.
shells() { grep -rnE '[^a-z_](system|popen|wordexp|posix_spawnp|execl|execlp|execle|execvp|execvpe)[[:space:]]*\(|"(/bin/)?(ba|da)?sh"' launcher qmp profiles --include=*.c |
	grep -v 'launcher/completion/\|import/script-steps.c:[0-9]*:.* shells\[\] = '; } # words of a script that is read only
nothing 'no shell, no search in PATH' shells

# After the first change there is one way out: revert.
leaving() { code launcher/keeper | grep -E '[^a-z_](exit|abort|assert|quick_exit|err|errx|raise|longjmp)[[:space:]]*\(' | grep -vE '_exit\('; }
nothing 'the keeper does not exit, abort or assert' leaving
# _exit() ends a child: in a function that is one, or right after its fork.
children() {
	code launcher/keeper | grep -vE '/(main|programs/[a-z]*)\.c:' | grep -E '_exit[[:space:]]*\(' | sed 's/:.*//' | sort -u | while read -r file; do
		grep -qE 'fork\(|clone3?\(|SYS_clone3?|[Nn]oreturn' "$file" || echo "$file: _exit() and no child"
	done
}
nothing 'and calls _exit() only where it forks' children

# ---- environment, parsers -------------------------------------------------------------------------

environment() {
	except '[^a-z_](secure_)?getenv[[:space:]]*\(|[^a-z_](setenv|putenv)\(' launcher qmp profiles <<'FILES'
launcher/cli.c:               NO_COLOR
launcher/commands/terminal/screen.c:   the terminal's character set, NO_COLOR
launcher/commands/edit.c:     VISUAL, EDITOR, and what an editor needs of the terminal and the desktop
launcher/commands/handover/notify-open.c: NOTIFY_SOCKET
launcher/keeper/programs/session.c: the user's session, for a program of the user's, as the user
launcher/host/user/user.c:         SUDO_USER, SUDO_UID, DOAS_USER, PKEXEC_UID
launcher/host/holders/net-use.c:      SSH_CONNECTION: the network card of the session
launcher/inspect/facts-display.c: DISPLAY, XAUTHORITY, WAYLAND_DISPLAY: where a window goes, looked at as the user
FILES
}
nothing 'the environment is read by the files of a list only' environment
nothing 'no parser of JSON, and no regular expressions, in the keeper' \
	sh -c "grep -rnE 'json|regcomp|getenv|getopt' launcher/keeper --include=*.c | grep -vE '/programs/|^[^:]*:[0-9]*:[[:space:]]*(/?\\*|.*/\\*.*json)'"

addresses() { grep -rnE 'x\.%[0-9]*l*x' launcher qmp profiles --include=*.c | grep -v '^launcher/base/pci-address.c:'; }
nothing 'the address of a device is written by pci-address.c only' addresses

# ---- what the programs are linked to ----------------------------------------------------------------

# needs PROGRAM LIBRARY...: and nothing else. A sanitizer brings its own.
needs() {
	program=$1
	shift
	readelf -d "$build/$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*/\1/p' |
		grep -vE '^(libasan|libubsan|ld-linux.*)$' | while read -r library; do
		case " $* libc " in *" $library "*) ;; *) echo "$program needs $library" ;; esac
	done
	[ -x "$build/$program" ] || echo "$program is not there"
}
nothing 'vfio-run: libpci, json-c' needs bin/vfio-run libpci libjson-c
nothing 'keeper: libc alone' needs libexec/vfio-run/keeper
nothing 'rom: libc alone' needs libexec/vfio-run/rom
nothing 'setup: libc alone' needs libexec/vfio-run/setup
nothing 'module: libkmod' needs libexec/vfio-run/module libkmod
if [ -e "$build/libexec/vfio-run/scope" ]; then
	nothing 'scope: libsystemd' needs libexec/vfio-run/scope libsystemd
else
	skip 'scope: libsystemd' 'not built: libsystemd is not here'
fi
nothing 'vfio-qmp: json-c' needs libexec/vfio-run/vfio-qmp libjson-c
nothing 'import: expat' needs libexec/vfio-run/import libexpat
finish
