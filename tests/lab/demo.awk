# SPDX-License-Identifier: GPL-2.0-or-later
# tests/lab/demo.awk - shows what scenarios/demo.sh says, in colour, and its verdict
#
# Lines begin with what they are: `= ` a heading, `$ ` a command, `! ` a good or bad end
# (ok, not ok); everything else is output.

BEGIN {
	colour = ENVIRON["DEMO_COLOUR"] != ""
	clear = ENVIRON["DEMO_SPINNER"] != "" ? "\r\033[K" : ""
}

function paint(code, text) { return colour ? "\033[" code "m" text "\033[0m" : text }
function show(text) { print clear text; fflush() }

{ gsub(/\r/, "") }
/^# lab-start/ { started = 1; next }
/^# lab-done/ { done = 1; next }
/^# lab-qemu/ { next }
!started { next }
/^# lab-/ || /^1\.\./ { next }
/^= / { show(""); show(paint("1;36", substr($0, 3))); next }
/^\$ / { show("  " paint("1", $0)); next }
/^ok / { sub(/^ok [0-9]* - /, ""); show("  " paint("32", "yes") "  " $0); good++; next }
/^not ok / { sub(/^not ok [0-9]* - /, ""); show("  " paint("1;31", "NO ") "  " $0); bad++; next }
/vfio-run-guest:/ || /driver in use/ { show("    " paint("33", $0)); next }
{ show("    " $0) }

END {
	show("")
	if (done && good && !bad)
		show(paint("1;32", "The card went to the guest and came back: the host is exactly as it was."))
	else
		show(paint("1;31", done ? "Not everything was as it should be: see above." : "The demonstration did not come to its end."))
	exit !(done && good && !bad)
}
