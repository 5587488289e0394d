# SPDX-License-Identifier: GPL-2.0-or-later
# tests/lab/demo.awk - shows what scenarios/demo.sh says: the way of the card, and the verdict
#
# Lines that stay scroll; below them, on a terminal, is one that is drawn anew: the four stages,
# and how far the present one is. Input: the lab's words (`= STAGE TEXT`, `$ COMMAND`, TAP, what
# vfio-run says, the guest's kernel) and `# tick SECONDS`. DEMO_LIVE, DEMO_UTF8 and DEMO_COLUMNS
# say what the terminal can. LC_ALL=C: lengths are bytes.

BEGIN {
	live = ENVIRON["DEMO_LIVE"] != ""
	utf8 = ENVIRON["DEMO_UTF8"] != ""
	columns = ENVIRON["DEMO_COLUMNS"] + 0
	stages = split("boot take guest back", name, " ")
	reached = utf8 ? "●" : "*"
	ahead = utf8 ? "○" : "o"
	full = utf8 ? "━" : "="
	empty = utf8 ? "─" : "-"
	arrow = utf8 ? "→" : "->"
	frames = split(utf8 ? "⠋ ⠙ ⠹ ⠸ ⠼ ⠴ ⠦ ⠧ ⠇ ⠏" : "| / - \\", frame, " ")
	stage = 1
	milestones()
	if (live)
		printf "\033[?25l"
}

# What a Linux kernel says on its way to its first program, and how much of the way is behind it
# then: shares of one boot in the lab, so a busy machine does not bend them. What another kernel
# does not say is left out; the bar never goes back.
function milestones() {
	milestone("Linux version", 15)
	milestone("Memory: ", 17)
	milestone("smpboot: Total", 23)
	milestone("PCI host bridge", 29)
	milestone("PF_INET protocol", 34)
	milestone("unpack rootfs", 38)
	milestone("Freeing initrd", 44)
	milestone("Serial: 8250", 51)
	milestone("Linux agpgart", 58)
	milestone("rtc_cmos", 65)
	milestone("PF_INET6", 71)
	milestone("Loaded X.509", 75)
	milestone("Freeing unused", 83)
	milestone("Run /init", 86)
	milestone("vfio-run-guest: begin", 90)
	milestone("vfio-run-guest: end", 98)
}
function milestone(text, percent) { mark[++marks] = text; way[marks] = percent }

function paint(code, text) { return live ? "\033[" code "m" text "\033[0m" : text }
function times(text, n,    all) { while (n-- > 0) all = all text; return all }
# width(TEXT): in columns; a character is its first byte
function width(text) { gsub(/[\200-\277]/, "", text); return length(text) }
# fit(TEXT, N): no wider than N columns
function fit(text, n) {
	gsub(/\t/, "  ", text)
	while (width(text) > n) {
		sub(/[\200-\277]*$/, "", text)
		text = substr(text, 1, length(text) - 1)
	}
	return text
}

# ---- the line below ---------------------------------------------------------------------

function wipe() { if (live) printf "\r\033[K" }
function bar(percent, n,    done) {
	done = int(percent * n / 100)
	return paint("36", times(full, done)) paint("2", times(empty, n - done))
}
function draw(    i, line) {
	if (!live || columns < 72)
		return
	line = " "
	for (i = 1; i <= stages; i++) {
		if (i > 1)
			line = line " " (i <= stage ? paint("36", times(full, 3)) : paint("2", times(empty, 3))) " "
		if (i < stage)
			line = line paint("32", reached) " " name[i]
		else if (i == stage)
			line = line paint("1;36", frame[turn % frames + 1] " " name[i])
		else
			line = line paint("2", ahead " " name[i])
		if (i == stage && percent)
			line = line " " bar(percent, 16) sprintf(" %2d %%", percent)
	}
	printf "\r\033[K%s  %s", line, paint("2", now - start " s")
	fflush()
}

# ---- the lines that stay ----------------------------------------------------------------

function show(text) { wipe(); print text; fflush(); draw() }
function detail(text) { show("         " fit(text, columns - 10)) }
function begin(word, text,    i) {
	for (i = 1; i <= stages; i++)
		if (name[i] == word)
			stage = i
	percent = 0
	show(paint("1;36", sprintf(" %-7s", word)) " " paint("1", fit(text, columns - 10)))
}
function verdict(good, text) {
	sub(/^(not )?ok [0-9]* - /, "", text)
	if (good)
		yes++
	else
		no++
	show("     " (good ? paint("32", "yes") : paint("1;31", "NO ")) " " fit(text, columns - 10))
}

# ---- what comes ---------------------------------------------------------------------------

{ gsub(/\r/, "") }
/^# tick / { now = $3; if (!start) start = now; turn++; draw(); next }
/^# lab-start/ { started = 1; next }
/^# lab-done/ { done = 1; next }
/^# lab-qemu/ { crashed = $3; next }
!started { next }
/^# lab-/ || /^1\.\./ { next }
/^= / { word = $2; sub(/^= [a-z]+ /, ""); begin(word, $0); next }
/^\$ / { detail(paint("1", $0)); next }
/^ok / { verdict(1, $0); next }
/^not ok / { verdict(0, $0); next }

# The guest's words: `demo: …`. Its kernel only moves the bar, a device of the card is shown.
/^demo: / {
	for (i = 1; i <= marks; i++)
		if (index($0, mark[i]) && way[i] > percent)
			percent = way[i]
	draw()
}
/^demo: vfio-run-guest: / && ($4 == "registers" || $4 == "1234:1111" || $4 == "8086:293e") {
	sub(/^demo: vfio-run-guest: /, "")
	detail("the guest says: " $0)
	next
}
/^demo: / { next }

# vfio-run's: `vfio-run: ADDRESS  driver: FROM -> TO`; of the other changes only what is odd.
/^vfio-run: .*  driver: [^ ]+ -> none$/ { from[$2] = $4; next }
/^vfio-run: .*  driver: none -> [^ ]+$/ { detail(sprintf("%s  %-13s %s %s", $2, from[$2], arrow, $6)); next }
/^vfio-run: .*: .* -> [^ ]+$/ || /^vfio-run: .*\.profile$/ { next }
/^vfio-run: demo: the guest runs/ { begin("guest", "a second Linux boots, in a QEMU that has the card"); next }
/^vfio-run: demo: the guest powered off/ { begin("back", "the guest powered off; vfio-run gives the card back"); next }
/^vfio-run: demo: everything is back/ { next } # that is for the verdict to say
{ sub(/^vfio-run: demo: /, ""); detail($0) }

END {
	good = done && yes && !no && crashed == ""
	stage += good
	percent = 0
	draw()
	print ""
	if (good)
		print(paint("1;32", "The card went to the guest and came back: the host is exactly as it was."))
	else
		print(paint("1;31", done ? "Not everything was as it should be: see above." : "The demonstration did not come to its end."))
	exit !good
}
