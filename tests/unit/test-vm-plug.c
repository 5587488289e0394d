// SPDX-License-Identifier: GPL-2.0-or-later
/* test-vm-plug.c - what is plugged in while the guest runs, and a vfio-qmp that dies over it */
/* links: launcher/keeper/vm/usb.c launcher/keeper/vm/input.c launcher/keeper/vm/vm.c  pkg: libcap-ng */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/keeper/vm/vm.h"

static struct keeper_plan plan = { .name = "win10", .populate_rows = 1, .plug_rows = 2 };
static struct keeper keep = { .plan = &plan, .status = STATUS_INIT };
static struct vm vm;
static int qmp = -1; /* vfio-qmp's end of the records */

/* The host: one stick, one keyboard at event3. */
static struct usb_found stick;
static struct evdev_identity keyboard;
static int taken;

size_t plug_find(const struct keeper_usb *wanted, struct usb_found *out)
{
	(void)wanted;
	*out = stick;
	return *stick.name ? 1 : 0;
}

bool plug_is_there(const struct usb_found *d)
{
	return *stick.name && d->number == stick.number;
}

int plug_take(struct keeper *k, const struct usb_found *d)
{
	(void)k;
	(void)d;
	taken++;
	return 0;
}

void plug_give_back(struct keeper *k, const char *device)
{
	(void)k;
	(void)device;
	taken--;
}

bool evdev_identify(int root, unsigned int node, struct evdev_identity *out)
{
	(void)root;
	*out = keyboard;
	return keyboard.instance && node == 3;
}

/* Another vfio-qmp: nothing of what the one before was told is known. */
static void begins(void)
{
	int pair[2];

	if (vm.records >= 0)
		(void)close(vm.records);
	if (qmp >= 0)
		(void)close(qmp);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	vm.records = pair[0];
	qmp = pair[1];
}

static void make(uint32_t usb_count, uint32_t input_count)
{
	vm = (struct vm)VM_INIT(&keep);
	plan.usb_count = usb_count;
	plan.input_count = input_count;
	stick = (struct usb_found){ .number = 0 };
	keyboard = (struct evdev_identity){ .sum = 7, .instance = 1 };
	plan.input[0] = (struct keeper_input){ .node = 3, .identity = keyboard };
	taken = 0;
	vm_input_begin(&vm);
	begins();
	vm.state = VM_RUNNING;
	vm.guest = QMP_STATE_RUNNING;
	vm.monitor_works = true;
}

static void unmake(void)
{
	(void)close(vm.records);
	(void)close(qmp);
	qmp = -1;
}

static void dies(void)
{
	vm_usb_forget_step(&vm);
	begins();
	vm_usb_look(&vm);
}

/* It was told those rows behind all others, and no more. */
static void assert_told(uint32_t first, uint32_t count)
{
	struct qmp_record r = { .type = QMP_NONE };

	assert_int_equal(recv(qmp, &r, sizeof(r), MSG_DONTWAIT), sizeof(r));
	assert_int_equal(r.type, QMP_ASK_ROWS);
	assert_int_equal(r.value, 3 + first);
	assert_int_equal(r.detail, count);
	assert_true(recv(qmp, &r, sizeof(r), MSG_DONTWAIT) < 0);
}

static void assert_told_nothing(void)
{
	struct qmp_record r;

	assert_true(recv(qmp, &r, sizeof(r), MSG_DONTWAIT) < 0);
}

static void plug_in(unsigned int number)
{
	stick = (struct usb_found){ .name = "2-1", .vendor = 1, .product = 2, .number = number };
	vm_usb_look(&vm);
}

static void a_stick_comes_and_goes(void **state)
{
	(void)state;
	make(1, 0);
	plug_in(5);
	assert_told(QMP_USB_ADD_FD, 2);
	assert_int_equal(taken, 1);
	assert_true(vm_usb_rows_end(&vm, true));
	assert_told_nothing();
	*stick.name = '\0';
	vm_usb_look(&vm);
	assert_told(QMP_USB_DEL, 1);
	assert_true(vm_usb_rows_end(&vm, true));
	assert_told(QMP_USB_REMOVE_FD, 1);
	plug_in(6); /* the next step is when that one is done */
	assert_told_nothing();
	assert_true(vm_usb_rows_end(&vm, true));
	assert_told(QMP_USB_ADD_FD, 2);
	assert_true(vm_usb_rows_end(&vm, false));
	assert_int_equal(taken, 1); /* QEMU refuses it: the host has it again */
	assert_told(QMP_USB_REMOVE_FD, 1);
	assert_true(vm_usb_rows_end(&vm, true));
	assert_told_nothing(); /* until it is plugged in anew */
	assert_false(vm_usb_rows_end(&vm, true));
	unmake();
}

/* QEMU has it, or has not: @had. Either way the guest gets it. */
static void stick_while_it_dies(bool had)
{
	make(1, 0);
	plug_in(5);
	assert_told(QMP_USB_ADD_FD, 2);
	dies();
	assert_told(QMP_USB_DEL, 1);
	assert_true(vm_usb_rows_end(&vm, had));
	assert_told(QMP_USB_REMOVE_FD, 1);
	dies(); /* and once more */
	assert_told(QMP_USB_DEL, 1);
	assert_true(vm_usb_rows_end(&vm, false));
	assert_told(QMP_USB_REMOVE_FD, 1);
	assert_true(vm_usb_rows_end(&vm, had));
	assert_told(QMP_USB_ADD_FD, 2);
	assert_true(vm_usb_rows_end(&vm, true));
	vm_usb_look(&vm);
	assert_told_nothing();
	assert_int_equal(taken, 1); /* what it is taken from is what it was found with */
	unmake();
}

static void a_stick_that_came_while_vfio_qmp_died(void **state)
{
	(void)state;
	stick_while_it_dies(false);
	stick_while_it_dies(true);
}

/* While the guest stands nothing is told; it is not forgotten. */
static void what_is_not_known_waits_for_the_guest(void **state)
{
	(void)state;
	make(1, 0);
	plug_in(5);
	assert_told(QMP_USB_ADD_FD, 2);
	vm.guest = QMP_STATE_PAUSED;
	dies();
	assert_told_nothing();
	vm.guest = QMP_STATE_RUNNING;
	vm_usb_look(&vm);
	assert_told(QMP_USB_DEL, 1);
	unmake();
}

/* A keyboard that QEMU has taken again when vfio-qmp died does not stay the host's. */
static void a_keyboard_that_came_while_vfio_qmp_died(void **state)
{
	(void)state;
	make(0, 1);
	keyboard.instance = 0;
	vm_usb_look(&vm);
	assert_told(0, 1);
	assert_true(vm_usb_rows_end(&vm, true));
	assert_told_nothing();
	keyboard.instance = 2;
	vm_usb_look(&vm);
	assert_told(1, 1);
	dies();
	assert_told(0, 1);
	assert_true(vm_usb_rows_end(&vm, true));
	assert_told(1, 1);
	assert_true(vm_usb_rows_end(&vm, true));
	vm_usb_look(&vm);
	assert_told_nothing();
	assert_int_equal(vm.input[0].instance, 2);
	assert_int_equal(vm.input[0].refused, 0);
	unmake();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stick_comes_and_goes),
		cmocka_unit_test(a_stick_that_came_while_vfio_qmp_died),
		cmocka_unit_test(what_is_not_known_waits_for_the_guest),
		cmocka_unit_test(a_keyboard_that_came_while_vfio_qmp_died),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
