// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - vfio-qmp: talks to QEMU's monitor, so that root does not have to
 *
 * Theory of operation. A guest that has taken QEMU over can forge all that QEMU sends, and JSON
 * takes a large parser. So it is read here, by a process that is the
 * VM's user without capabilities, behind a filter that leaves it reading, writing and
 * memory, and what it concludes goes to the keeper as numbers of closed lists (record.h).
 * If it dies, of a bug or of the limits it has set itself, the keeper starts another or
 * goes on without one: a revert does not need it.
 *
 *   QEMU's monitor --bytes--> frame --lines--> message --values--> client --records--> keeper
 *   QEMU's output  --bytes--> words --lines, made fit--> the user's terminal or log
 *
 *   start.c    arguments, and the order of things
 *   harden.c   what is given up, filter.c the system calls that are left
 *   session.c  the loop; the only file that reads or writes a descriptor of record.h
 *   client.c   the conversation; message.c JSON; frame.c lines
 *   words.c    QEMU's output; text.c what a terminal must not get
 *
 * It sleeps in one poll(2) without a timeout and wakes only when there is input.
 * It ends when the keeper reports that QEMU is dead (QMP_TELL_...) or is gone itself; never
 * because of QEMU. Signals of the terminal are ignored: the keeper decides what they mean.
 */
#include "qmp/start.h"

int main(int argc, char **argv)
{
	return qmp_start(argc, argv);
}
