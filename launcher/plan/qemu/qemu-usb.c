/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu-usb.c - QEMU's arguments for USB devices of the host
 *
 * None stands on the command line: QEMU is given a descriptor of the device's node, in a set of its
 * own, and the device that is behind it, when QEMU stands or when the device is plugged in. It finds
 * no device by itself: its jail has neither nodes nor sysfs of USB.
 */
#include <json-c/json.h>

#include "launcher/plan/changes/usb.h"
#include "launcher/plan/qemu/boot.h"
#include "launcher/plan/qemu/qemu.h"
#include "profiles/profile.h"

static void device(struct qemu *q, size_t i)
{
	unsigned int boot = plan_boot_index(q->plan, q->profile, BOOT_USB, i);
	struct json_object *o = argv_object("driver", "usb-host");

	put_format(&q->usb, o, "id", "usb%zu", i);
	put_text(&q->usb, o, "bus", QEMU_USB_BUS);
	put_format(&q->usb, o, "hostdevice", "/dev/fdset/%zu", PLAN_USB_FDSET + i);
	if (boot)
		put_number(&q->usb, o, "bootindex", boot);
	q->plan->usb_boots |= boot && plan_usb_is_there(&q->plan->usb[i]);
	argv_json(&q->usb, NULL, o);
}

/** qemu_usb() - for each [usb] what is said of it when it is there */
void qemu_usb(struct qemu *q)
{
	for (size_t i = 0; i < q->profile->usb_count; i++)
		device(q, i);
}
