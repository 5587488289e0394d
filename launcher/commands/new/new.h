/* SPDX-License-Identifier: GPL-2.0-or-later */
/* new.h - what `vfio-run new` has found out, and the profile that is written from it */
#ifndef VFIO_RUN_NEW_H
#define VFIO_RUN_NEW_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "launcher/base/cpus.h"
#include "launcher/host/host.h"
#include "launcher/host/user/new-files.h"

/* Of the VM of that name. What is typed begins with ~: it fits into 80 columns, whatever the home. */
#define NEW_BELOW_HOME "/.local/share/vfio-run/%s"
#define NEW_FOLDER "~" NEW_BELOW_HOME

#define NEW_WHY_MAX 1024

struct cli;

/* Which CPUs the guest gets: cores as a whole, what is left is the host's. */
struct new_cpus {
	unsigned int threads;	     /* of each core */
	unsigned int count;	     /* of pin */
	uint16_t pin[CPUS_VM_MAX];   /* in the order of the guest's processors */
	struct cpus host;	     /* empty: too few to divide, nothing is pinned */
	bool shares_cache;	     /* they are all CPUs of one L3 cache, of several */
};

struct new_vm {
	const char *name;
	bool windows, windows11;
	bool hyperv; /* Windows, and KVM has what it likes, or that cannot be told */
	const struct host_device *card; /* NULL: none */
	const struct host_device *sound; /* the card's, in a slot of its own; NULL: none there */
	char card_name[128];
	const struct host_device *refused; /* of the cards, none of which can go, the first; NULL: there is one, or none at all */
	char why[NEW_WHY_MAX];		   /* @refused cannot, and what to do */
	bool desktop;	 /* the host draws on it too */
	bool no_iommu;	 /* none is in use: whether the card can be given is not known yet */
	uint64_t gib;	 /* of memory */
	bool secure;	 /* a firmware with Secure Boot is installed, or none is yet */
	bool swtpm;	 /* installed */
	bool window_step; /* QEMU cannot show a guest in one, and `setup` gets what it lacks */
	struct new_cpus cpus;
	char disk[PATH_MAX]; /* its folder is the VM's own */
	const char *iso;     /* NULL: none */
	char drivers[PATH_MAX]; /* a CD with virtio drivers; "" none */
	char keyboard[256], mouse[256]; /* below /dev/input/by-id; "" none */
};

/* The examples in launcher/menu, as the build finds them. */
extern const char new_menu_desktop[], new_menu_rules[];

bool new_is_plain(const char *name);
void new_menu_write(const char *text, const char *vm, const char *user, FILE *out);
int new_find_card(const struct cli *cli, struct host *h, struct new_vm *vm) must_check;
void new_choose_cpus(struct host *h, struct new_cpus *out);
void new_write(const struct new_vm *vm, FILE *out);

#endif /* VFIO_RUN_NEW_H */
