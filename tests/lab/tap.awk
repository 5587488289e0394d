# SPDX-License-Identifier: GPL-2.0-or-later
# tests/lab/tap.awk - one TAP stream out of all scenarios of a boot
#
# Each scenario numbers and plans its own tests; here they are numbered through, named by
# scenario, and what no test can say of itself becomes a failed test: a scenario that did
# not end, ran another number of tests than it planned, or a lab that did not power off.

function result(good, text) {
	total++
	if (!good)
		failed++
	print (good ? "ok " : "not ok ") total " - " text
	fflush()
}

function close_scenario() {
	if (plan == "skip")
		;
	else if (plan == "")
		result(0, name ": no plan")
	else if (plan != ran)
		result(0, name ": planned " plan " tests, ran " ran)
	name = ""
}

{ sub(/\r$/, "") }

# Firmware talks on the same line before the lab does.
/^# lab-start/ { started = 1; next }
!started && !/^# lab-qemu / { next }

/^# lab-begin / { name = $3; plan = ""; ran = 0; next }
/^# lab-end / {
	print "# " $3 ": " $5 " s"
	close_scenario()
	if ($4 != 0)
		result(0, $3 ": exit status " $4)
	next
}
# A file that a scenario keeps (lib.sh): beside the logs, in `folder`.
/^# lab-file / {
	if (file != "")
		close(file)
	gsub(/[^a-z0-9.-]/, "", $3)
	file = folder "/" $3
	printf "" >file
	print "# " name ": kept: " file
	next
}
/^# lab-line / { print substr($0, 12) >file; next }
/^# lab-done/ { done = 1; next }
/^# lab-qemu / { qemu = $3; next }
/^# kernel: / { result(0, name ": the kernel complained: " substr($0, 11)); ran++; plan++; next }
/^1\.\.0/ && name != "" {
	reason = $0
	sub(/^1\.\.0 *(# *)?(SKIP *)?/, "", reason)
	result(1, name " # SKIP " reason)
	plan = "skip"
	next
}
/^1\.\.[0-9]+/ && name != "" { plan = substr($1, 4) + 0; next }
/^(not )?ok( |$)/ && name != "" {
	ran++
	text = $0
	good = !sub(/^not /, "", text)
	sub(/^ok *[0-9]* *(- *)?/, "", text)
	result(good || text ~ /# *(TODO|todo)/, name ": " text)
	next
}
/./ {
	sub(/^# ?/, "")
	print "# " (name != "" ? name ": " : "") $0
	fflush()
}

END {
	if (name != "") {
		text = name
		result(0, text ": the lab ended before the scenario did")
	}
	if (!done)
		result(0, "the lab did not come to its end")
	if (qemu != "")
		result(0, qemu == 124 || qemu == 137 ? "the lab did not power off in time" : "the lab's QEMU exited with " qemu)
	print "1.." total + 0
	exit failed > 0
}
