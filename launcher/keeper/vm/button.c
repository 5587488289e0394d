/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * button.c - the host's power button powers the guest down while the host has no picture
 *
 * With the only card gone to a guest, the button is what is left of the host for a person before
 * it. logind is asked not to act on it (inhibit.c), so that a press ends the VM and not the host;
 * without logind, or when it refuses, the host goes down as it would have, and the VM before it.
 *
 * Nothing but the machine's own is opened. Power keys of keyboards are left alone: a descriptor of
 * one keeps a device open that the guest may be about to get.
 *
 * Source: linux/input.h
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "launcher/base/evdev-identity.h"
#include "launcher/base/log.h"
#include "launcher/keeper/vm/vm.h"

#define FOLDER "/dev/input"

static bool is_power(unsigned int key)
{
	return key == KEY_POWER || key == KEY_POWER2;
}

/* Nothing else of it wakes this process up; a kernel without masks sends all, which is read. */
static void hear_no_more_than_power(int fd)
{
	unsigned char types[(EV_CNT + 7) / 8] = { [EV_KEY / 8] = 1 << EV_KEY % 8 };
	unsigned char keys[(KEY_CNT + 7) / 8] = { [KEY_POWER / 8] = 1 << KEY_POWER % 8,
						  [KEY_POWER2 / 8] = 1 << KEY_POWER2 % 8 };
	struct input_mask mask[] = {
		{ EV_SYN, sizeof(types), (uintptr_t)types },
		{ EV_KEY, sizeof(keys), (uintptr_t)keys },
	};

	for (size_t i = 0; i < ARRAY_SIZE(mask); i++)
		(void)ioctl(fd, EVIOCSMASK, &mask[i]);
}

/* Return: -1: it is no button of the machine's own */
static int open_button(int root, int folder, const char *name)
{
	unsigned int node;
	int fd;

	if (sscanf(name, "event%u", &node) != 1 || !evdev_is_own_button(root, node))
		return -1;
	fd = openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		hear_no_more_than_power(fd);
	return fd;
}

/**
 * vm_button_listen() - of a VM that takes the host's only picture: from now on the button is heard
 *
 * Return: false: it is not, as it is the host's, or there is none; logind is not to be asked then
 */
bool vm_button_listen(struct vm *vm)
{
	cleanup_closedir DIR *folder = NULL;
	cleanup_close int root = -1;
	const struct dirent *e;
	size_t count = 0;

	if (!(vm->keep->plan->flags & KEEPER_DARK))
		return false;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	folder = root < 0 ? NULL : opendir(FOLDER);
	while (folder && count < VM_BUTTONS_MAX && (e = readdir(folder))) {
		vm->button[count] = open_button(root, dirfd(folder), e->d_name);
		count += vm->button[count] >= 0;
	}
	if (!count)
		log_verbose("%s: this host has no power button to listen to", vm->keep->plan->name);
	return count > 0;
}

/* One that is gone is not looked at again. */
static bool is_pressed(int *fd)
{
	struct input_event e[8];
	bool pressed = false;
	ssize_t n;

	while ((n = read(*fd, e, sizeof(e))) > 0)
		for (size_t i = 0; i < (size_t)n / sizeof(*e); i++)
			pressed |= e[i].type == EV_KEY && is_power(e[i].code) && e[i].value == 1;
	if (!n || (errno != EAGAIN && errno != EINTR))
		close_fd(fd);
	return pressed;
}

/** vm_button_hear() - one press or many power the guest down once, as `stop` does */
void vm_button_hear(struct vm *vm, size_t i)
{
	if (!is_pressed(&vm->button[i]))
		return;
	log_notice("%s: the host's power button was pressed", vm->keep->plan->name);
	vm_happen(vm, VM_STOP);
}
