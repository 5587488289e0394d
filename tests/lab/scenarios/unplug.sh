# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# unplug - proves the line to the machine outside: a device can be taken away from the lab
. "$LAB_DIR/lib.sh"

like "$(outer query-status)" '"running"' "the outer QEMU answers"
ok "there is a device at 02:00.0" test -e $PCI/0000:02:00.0
outer '{"execute":"device_del","arguments":{"id":"spare"}}' >&2
ok "it is gone" wait_for 30 test ! -e $PCI/0000:02:00.0
done_testing
