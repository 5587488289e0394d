/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vm.c - a signal to a program of the VM, a record to vfio-qmp: what every file here calls */
#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
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
 * vm_signal_group() - likewise for it and all that it has started in its process group
 *
 * To be called before it is reaped: until then no other can have that number.
 */
void vm_signal_group(const struct program *p, int number)
{
	vm_signal(p, number); /* it may be no leader yet */
	if (!p->let_go || p->jailed.pid <= 1)
		return;
	caps_raise(CAP_KILL);
	(void)kill(-p->jailed.pid, number);
	caps_rest();
}

static int tell(const struct vm *vm, const struct qmp_record *r, const struct work_fds *fds)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(fds->fd))];
	} control = { .room = { 0 } };
	struct iovec part = { (void *)(uintptr_t)r, sizeof(*r) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	int rc;

	if (vm->records < 0)
		return -EPIPE;
	if (fds && fds->count) {
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(fds->count * sizeof(int));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(fds->count * sizeof(int));
		memcpy(CMSG_DATA(&control.head), fds->fd, fds->count * sizeof(int));
	}
	if (sendmsg(vm->records, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		return 0;
	rc = -errno;
	(void)shutdown(vm->records, SHUT_RDWR);
	return rc;
}

/**
 * vm_tell() - one record to vfio-qmp; -EPIPE when there is none any more
 *
 * If a record is lost, both sides would wait for ever: so it is hung up on, which the loop sees,
 * and the next one is sent what is still pending.
 */
int vm_tell(const struct vm *vm, enum qmp_record_type type)
{
	return tell(vm, &(struct qmp_record){ .type = type }, NULL);
}

/**
 * vm_tell_rows() - have it send @count of the rows that were handed over; otherwise as vm_tell()
 * @fds:	what goes along with them, in their order; NULL: nothing. The caller closes its own
 */
int vm_tell_rows(const struct vm *vm, uint32_t first, uint32_t count, const struct work_fds *fds)
{
	return tell(vm,
		    &(struct qmp_record){ .type = QMP_ASK_ROWS, .value = first, .detail = count },
		    fds);
}

/**
 * vm_plug_step() - have QEMU told something of what is plugged in or out
 * @what:	to be heard of by vm_usb_rows_end()
 * @i:		of which [usb] or [input]
 * @row:	the first of its @count rows
 *
 * Return: false: who would tell it is gone
 */
bool vm_plug_step(struct vm *vm, enum vm_usb_step what, size_t i, uint32_t row, uint32_t count,
		  struct work_fds *fds)
{
	vm->usb_step = what;
	vm->usb_at = i;
	if (!vm_tell_rows(vm, row, count, fds))
		return true;
	vm->usb_step = VM_USB_IDLE; /* vfio-qmp is gone: another one is told */
	return false;
}

/** vm_may_plug() - can QEMU be told something now? */
bool vm_may_plug(const struct vm *vm)
{
	return vm->usb_step == VM_USB_IDLE && vm->state == VM_RUNNING && vm->monitor_works &&
	       vm->guest == QMP_STATE_RUNNING && !vm->dead;
}
