/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usb.c - USB devices that are plugged in and out while the guest runs, and the bell for input devices
 *
 * The kernel's own events are the bell, and no more: when it rings, sysfs is looked at. So an event
 * that was lost, or of which there were too many, costs nothing but another look. What is done is one
 * step at a time, each a few rows for vfio-qmp, and the next look is when those are done.
 *
 * QEMU does not see that a device is gone as long as nothing is asked of it: it is told.
 * Source: lib/kobject_uevent.c, netlink(7)
 */
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/vm/vm.h"

#define KERNEL_GROUP 1 /* of the events that the kernel sends; udev's are another one */
#define EVENT_MAX 8192 /* UEVENT_BUFFER_SIZE is 2048 */

static const char *name(const struct vm *vm)
{
	return vm->keep->plan->name;
}

static uint32_t row_of(const struct vm *vm, size_t i, enum qmp_usb_row row)
{
	const struct keeper_plan *plan = vm->keep->plan;

	return plan->populate_rows + plan->plug_rows + (uint32_t)i * QMP_USB_ROWS + row;
}

/** vm_usb_listen() - from now on no event is missed; without a [usb] or [input] there is nothing to hear */
void vm_usb_listen(struct vm *vm)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP };

	if (!vm->keep->plan->usb_count && !vm->keep->plan->input_count)
		return;
	vm_input_begin(vm);
	vm->uevents = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			     NETLINK_KOBJECT_UEVENT);
	if (vm->uevents >= 0 && !bind(vm->uevents, (struct sockaddr *)&address, sizeof(address)))
		return;
	log_warning("%s: the kernel's events cannot be heard (%s): what is plugged in later is not "
		    "seen", name(vm), strerror(errno));
	close_fd(&vm->uevents);
}

/* Of the kernel itself, and of a USB or an input device: its lines have a NUL behind each. */
static bool is_of_usb(const char *text, size_t size, const struct sockaddr_nl *from)
{
	static const char usb[] = "SUBSYSTEM=usb", input[] = "SUBSYSTEM=input";

	return from->nl_family == AF_NETLINK && !from->nl_pid &&
	       (memmem(text, size, usb, sizeof(usb)) || memmem(text, size, input, sizeof(input)));
}

/** vm_usb_hear() - take all events; one of these, or some that were lost, are a reason to look */
void vm_usb_hear(struct vm *vm)
{
	char text[EVENT_MAX];
	struct sockaddr_nl from = { .nl_pid = UINT32_MAX };
	socklen_t size = sizeof(from);
	bool look = false;
	ssize_t n;

	for (;;) {
		n = recvfrom(vm->uevents, text, sizeof(text), MSG_DONTWAIT,
			     (struct sockaddr *)&from, &size);
		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			break;
		look |= n < 0 || is_of_usb(text, (size_t)n, &from);
		size = sizeof(from);
	}
	if (errno != EAGAIN)
		close_fd(&vm->uevents);
	if (look)
		vm_usb_look(vm);
}

static bool step(struct vm *vm, size_t i, enum vm_usb_step what, enum qmp_usb_row row,
		 uint32_t count, struct work_fds *fds)
{
	return vm_plug_step(vm, what, i, row_of(vm, i, row), count, fds);
}

static void add(struct vm *vm, size_t i, const struct usb_found *d)
{
	int rc = plug_take(vm->keep, d);

	if (rc == -EAGAIN)
		return; /* one more event comes when it is set up */
	vm->usb[i] = *d;
	vm->usb_refused[i] = rc != 0;
	if (rc) {
		log_warning("%s: USB %s (%04x:%04x) stays the host's", name(vm), d->name, d->vendor,
			    d->product);
		return;
	}
	if (!step(vm, i, VM_USB_ADDING, QMP_USB_ADD_FD, 2, &vm->keep->came)) {
		plug_give_back(vm->keep, d->name); /* the next vfio-qmp's look takes it again */
		vm->usb[i] = (struct usb_found){ .number = 0 };
	}
	work_fds_close(&vm->keep->came);
}

static bool is_taken(const struct vm *vm, const char *device)
{
	for (size_t i = 0; i < vm->keep->plan->usb_count; i++)
		if (*vm->usb[i].name && !strcmp(vm->usb[i].name, device))
			return true;
	return false;
}

static void look_for(struct vm *vm, size_t i)
{
	struct usb_found found;

	if (plug_find(&vm->keep->plan->usb[i], &found) == 1 && !is_taken(vm, found.name))
		add(vm, i, &found);
}

static void look_at(struct vm *vm, size_t i)
{
	struct usb_found *d = &vm->usb[i];

	if (!*d->name) {
		look_for(vm, i);
	} else if (!plug_is_there(d)) {
		log_notice("%s: USB %s (%04x:%04x) is gone", name(vm), d->name, d->vendor, d->product);
		if (vm->usb_refused[i])
			*d = (struct usb_found){ .number = 0 };
		else
			(void)step(vm, i, VM_USB_REMOVING, QMP_USB_DEL, 1, NULL);
	}
}

/*
 * It may have the device or not: it is told that it is gone, which it can refuse, and then as if the
 * device was plugged in now.
 */
static void make_sure(struct vm *vm)
{
	enum vm_usb_step lost = vm->usb_lost;
	bool sent;

	vm->usb_lost = VM_USB_IDLE;
	if (lost >= VM_INPUT_REMOVING)
		sent = vm_input_remove(vm, vm->usb_at);
	else
		sent = step(vm, vm->usb_at, VM_USB_REMOVING, QMP_USB_DEL, 1, NULL);
	if (!sent)
		vm->usb_lost = lost;
}

/**
 * vm_usb_look() - compare what there is with what the guest has, and take the next step
 *
 * While the guest stands, nothing: QEMU 7.2 does not let go of a descriptor then.
 */
void vm_usb_look(struct vm *vm)
{
	if (vm->usb_lost != VM_USB_IDLE && vm_may_plug(vm))
		make_sure(vm);
	if (vm->usb_lost != VM_USB_IDLE)
		return; /* of which device it is must not be forgotten */
	for (uint32_t i = 0; i < vm->keep->plan->usb_count; i++)
		if (vm_may_plug(vm))
			look_at(vm, i);
	vm_input_look(vm);
}

/* QEMU has not taken it: the host has it again, until it is plugged in anew. */
static void refused(struct vm *vm)
{
	const struct usb_found *d = &vm->usb[vm->usb_at];

	log_warning("%s: QEMU does not take USB %s (%04x:%04x): it stays the host's", name(vm),
		    d->name, d->vendor, d->product);
	vm->usb_refused[vm->usb_at] = true;
	plug_give_back(vm->keep, d->name);
}

/*
 * QEMU has let go of it. One that is still there was dropped because it was not known whether the guest
 * had it: its drivers get it back first, so that what it is taken from again is what it was found with.
 */
static void dropped(struct vm *vm, struct usb_found *d)
{
	if (plug_is_there(d))
		plug_give_back(vm->keep, d->name);
	*d = (struct usb_found){ .number = 0 };
}

/**
 * vm_usb_rows_end() - QEMU has done the rows of a step, or has refused one
 *
 * Return: false: they were of no such step
 */
bool vm_usb_rows_end(struct vm *vm, bool done)
{
	enum vm_usb_step was = vm->usb_step;
	struct usb_found *d = &vm->usb[vm->usb_at];

	vm->usb_step = VM_USB_IDLE;
	if (was == VM_USB_IDLE)
		return false;
	if (was >= VM_INPUT_REMOVING) {
		vm_input_rows_end(vm, was, done);
		vm_usb_look(vm);
		return true;
	}
	if (was == VM_USB_ADDING && done)
		log_notice("%s: USB %s (%04x:%04x) goes to the guest", name(vm), d->name, d->vendor,
			   d->product);
	else if (was == VM_USB_ADDING)
		refused(vm);
	else if (was == VM_USB_DROPPING && !vm->usb_refused[vm->usb_at])
		dropped(vm, d);
	/* until then QEMU has the node of what is gone open */
	if (was != VM_USB_REMOVING && (was != VM_USB_ADDING || done))
		vm_usb_look(vm);
	else if (!step(vm, vm->usb_at, VM_USB_DROPPING, QMP_USB_REMOVE_FD, 1, NULL))
		vm->usb_lost = VM_USB_DROPPING;
	return true;
}

/** vm_usb_forget_step() - who was to tell QEMU is dead: what it has done is to be found out by the next */
void vm_usb_forget_step(struct vm *vm)
{
	if (vm->usb_step != VM_USB_IDLE)
		vm->usb_lost = vm->usb_step;
	vm->usb_step = VM_USB_IDLE;
}
