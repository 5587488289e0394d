# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# terminal - Ctrl-C typed on a terminal, Ctrl-Z, a terminal that is closed
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run

standin_profile /etc/vfio-run/demo.profile say=hello
mkfifo /tmp/keys
fingerprint_before

# start: vfio-run on a terminal of its own, whose keys come from a FIFO
start() {
	: >/tmp/screen
	script -qefc "$own demo" /tmp/screen </tmp/keys >/dev/null 2>&1 &
	terminal=$!
	exec 7>/tmp/keys
	wait_for 60 grep -q "the guest runs" /tmp/screen || diag_file /tmp/screen
}

start
printf '\032' >&7 # Ctrl-Z
printf '\003' >&7 # Ctrl-C
wait_for 60 gone $terminal
wait $terminal
is $? 0 "Ctrl-C powers the guest down, whatever Ctrl-Z was for: exit 0"
exec 7>&-
like "$(cat /tmp/screen)" 'powering the guest down' "it says so"
fingerprint_after "everything is back"

start
keeper=$(pgrep -x vfio-run)
kill -KILL $terminal
wait $terminal 2>/dev/null
exec 7>&-
ok "a closed terminal ends nothing" kill -0 "$keeper"
is "$(driver_of $LAB_GPU)" vfio-pci "the VM goes on"
kill -TERM "$keeper"
ok "SIGTERM ends it" wait_for 60 gone "$keeper"
fingerprint_after "everything is back"
done_testing
