/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows-memfd.c - the commands that QEMU is sent when it stands, as vfio-qmp takes them
 *
 * First its memory is touched, then, when the host's devices are taken, each is added, function 0
 * of a card last, and the machine is reset. The reset is not for the guest, which has not run: a
 * card that is added to a port with native hot-plug stays invisible to firmware without it, and a
 * slot whose functions have IOMMU groups of their own is reset by QEMU only then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "launcher/plan/changes/usb.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/programs/rows-memfd.h"
#include "qmp/rows.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static const char populate[] =
	"\"execute\":\"qom-set\",\"arguments\":{\"path\":\"/objects/memory\","
	"\"property\":\"prealloc\",\"value\":true}";
static const char reset[] = "\"execute\":\"system_reset\"";
/* Else the reset would be QEMU's end. */
static const char reboot_resets[] =
	"\"execute\":\"set-action\",\"arguments\":{\"reboot\":\"reset\"}";
static const char reboot_ends[] =
	"\"execute\":\"set-action\",\"arguments\":{\"reboot\":\"shutdown\"}";

static size_t device_count(const struct plan *plan)
{
	size_t n = 0;

	while (plan->plug && plan->plug[n])
		n++;
	return n;
}

/** plan_populate_rows() - how many rows come before the first device is taken */
size_t plan_populate_rows(const struct plan *plan)
{
	return plan->populate ? 1 : 0;
}

/* QEMU looks at the boot order anew when the machine is reset, and at a card: see above. */
static bool resets(const struct plan *plan)
{
	return device_count(plan) || plan->usb_boots;
}

/** plan_plug_rows() - how many rows come when all devices are taken */
size_t plan_plug_rows(const struct plan *plan)
{
	return 2 * plan_usb_there(plan) + device_count(plan) +
	       (resets(plan) ? plan->no_reboot ? 3 : 1 : 0);
}

static bool put(FILE *f, char when, const char *before, const char *members, const char *after)
{
	int n = fprintf(f, "%c%s%s%s", when, before, members, after);

	return n > 0 && n < QMP_ROW_MAX && fputc('\0', f) == 0;
}

/* A command on the descriptor set of a [usb]. */
static bool put_set(FILE *f, char when, const char *command, size_t i)
{
	char number[32];

	(void)snprintf(number, sizeof(number), "%zu}", PLAN_USB_FDSET + i);
	return put(f, when, command, "\"arguments\":{\"fdset-id\":", number);
}

static bool put_usb(FILE *f, const struct plan *plan, size_t i)
{
	return put_set(f, QMP_ROW_FD, "\"execute\":\"add-fd\",", i) &&
	       put(f, QMP_ROW_RETURN, "\"execute\":\"device_add\",\"arguments\":",
		   plan->usb_plug[i], "");
}

static bool put_usb_gone(FILE *f, size_t i)
{
	char id[32];

	(void)snprintf(id, sizeof(id), "usb%zu\"}", i);
	return put(f, QMP_ROW_DELETED, "\"execute\":\"device_del\",", "\"arguments\":{\"id\":\"",
		   id) &&
	       put_set(f, QMP_ROW_RETURN, "\"execute\":\"remove-fd\",", i);
}

/* In the order of enum qmp_usb_row, qmp/record.h. */
static bool put_later_usb(FILE *f, const struct plan *plan)
{
	bool good = true;

	for (size_t i = 0; i < plan->usb_count && good; i++)
		good = put_usb(f, plan, i) && put_usb_gone(f, i);
	return good;
}

/* Of each: that it is gone, and that it is at the node of each; keeper/vm/input.c. */
static bool put_inputs(FILE *f, const struct plan *plan)
{
	bool good = true;
	char id[32];

	for (size_t i = 0; i < plan->input_count && good; i++) {
		(void)snprintf(id, sizeof(id), "input%zu\"}", i);
		good = put(f, QMP_ROW_RETURN, "\"execute\":\"object-del\",", "\"arguments\":{\"id\":\"", id);
		for (size_t k = 0; k < plan->input_count && good; k++)
			good = put(f, QMP_ROW_RETURN, "\"execute\":\"object-add\",\"arguments\":",
				   plan->input_plug[i * plan->input_count + k], "");
	}
	return good;
}

static bool put_plug(FILE *f, const struct plan *plan)
{
	bool good = true;

	for (size_t i = 0; i < plan->usb_count && good; i++)
		good = !plan_usb_is_there(&plan->usb[i]) || put_usb(f, plan, i);
	for (size_t i = 0; i < device_count(plan) && good; i++)
		good = put(f, QMP_ROW_RETURN,
			   "\"execute\":\"device_add\",\"arguments\":", plan->plug[i], "");
	if (good && plan->no_reboot && resets(plan))
		good = put(f, QMP_ROW_RETURN, reboot_resets, "", "");
	if (good && resets(plan))
		good = put(f, QMP_ROW_RESET, reset, "", "");
	if (good && plan->no_reboot && resets(plan))
		good = put(f, QMP_ROW_RETURN, reboot_ends, "", "");
	return good;
}

static int write_rows(const struct plan *plan, char **text, size_t *size)
{
	FILE *f = open_memstream(text, size);
	bool good;

	if (!f)
		return -ENOMEM;
	good = !plan_populate_rows(plan) || put(f, QMP_ROW_RETURN, populate, "", "");
	if (good && plan_plug_rows(plan))
		good = put_plug(f, plan);
	if (good)
		good = put_later_usb(f, plan);
	if (good)
		good = put_inputs(f, plan);
	if (fclose(f))
		return -ENOMEM;
	return good ? 0 : -E2BIG;
}

/**
 * plan_rows_open() - the rows of a plan in a sealed memfd, in the order of their numbers
 * @fd_out:	close-on-exec, the caller closes it; -1 when there are none
 *
 * Return: 0; -E2BIG a row is longer than vfio-qmp takes; other -errno
 */
int plan_rows_open(const struct plan *plan, int *fd_out)
{
	cleanup_free char *text = NULL;
	cleanup_close int fd = -1;
	size_t size = 0;
	int r;

	*fd_out = -1;
	if (!plan_populate_rows(plan) && !plan_plug_rows(plan) && !plan->usb_count &&
	    !plan->input_count)
		return 0;
	r = write_rows(plan, &text, &size);
	if (r)
		return r;
	fd = memfd_create("vfio-run-rows", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	if (pwrite(fd, text, size, 0) != (ssize_t)size || fcntl(fd, F_ADD_SEALS, SEALS))
		return errno ? -errno : -EIO;
	*fd_out = take_fd(&fd);
	return 0;
}
