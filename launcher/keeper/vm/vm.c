/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vm.c - a signal to a program of the VM, a record to vfio-qmp: what every file here calls */
#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/vm/vm.h"

/** vm_signal() - a signal for a program that was started */
void vm_signal(const struct program *p, int number)
{
	caps_raise(CAP_KILL);
	(void)syscall(SYS_pidfd_send_signal, p->jailed.pidfd, number, NULL, 0);
	caps_rest();
}

/**
 * vm_tell() - one record to vfio-qmp; -EPIPE when there is none any more
 *
 * If a record is lost, both sides would wait for ever: so it is hung up on, which the loop sees,
 * and the next one is sent what is still pending.
 */
int vm_tell(const struct vm *vm, enum qmp_record_type type)
{
	const struct qmp_record r = { .type = type };
	int rc;

	if (vm->records < 0)
		return -EPIPE;
	if (send(vm->records, &r, sizeof(r), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		return 0;
	rc = -errno;
	(void)shutdown(vm->records, SHUT_RDWR);
	return rc;
}
