/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kind.h - what a kind of change is made of; between the files of keeper/kinds/
 *
 *	save	 what there is now; changes nothing
 *	amount	 of a sum: how much of it this VM, the only one now, has to add; into `to`
 *	apply	 make it, then read it back
 *	follow	 of a shared one, when it is made: own what came with it, for this VM. NULL: nothing does
 *	revert	 compare; put back what was; read it back. Doing it twice is doing it once
 *	revert_from revert, and what was there before; for what is dear to look at. NULL: save, revert and
 *		 still_ok
 *	settle	 when all of this kind are put back: what comes of it, which may take a moment. NULL: nothing does
 *	still_ok is it as it was found? NULL: when save reads what the change was made from
 */
#ifndef VFIO_RUN_KIND_H
#define VFIO_RUN_KIND_H

#include <string.h>

#include "launcher/keeper/keeper.h"

/* What an error of apply or revert means, and what to do about it. */
struct change_trouble {
	int error; /* positive; 0 ends a list */
	const char *text;
};

struct change_ops {
	int (*save)(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX]);
	int (*amount)(struct keeper *k, struct change *c);
	int (*apply)(struct keeper *k, const struct change *c);
	int (*follow)(struct keeper *k, const struct change *c);
	int (*revert)(struct keeper *k, const struct change *c);
	int (*revert_from)(struct keeper *k, const struct change *c, char before[CHANGE_TEXT_MAX]);
	int (*settle)(struct keeper *k, const struct change *c);
	bool (*still_ok)(struct keeper *k, const struct change *c);
	const struct change_trouble *troubles; /* NULL: none of its own */
};

extern const struct change_ops change_module, change_link, change_hugepages, change_governor, change_isolation,
	change_vf_drivers, change_vfs, change_mount, change_bridge, change_announce, change_user_service, change_container,
	change_service, change_command, change_irq, change_d3cold, change_power, change_override, change_reset,
	change_unload, change_unbind,
	change_rebar, change_bind, change_owner, change_usb;

/* module.c */
bool module_is_loaded(const char *name);

/* driver.c, for unbind.c and bind.c */
int driver_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX]);
bool driver_still_ok(struct keeper *k, const struct change *c);

/* kept.c, for what is stopped and started again by a program */
int kept_command(struct keeper *k, const char *word, const char *path) must_check;
int kept_container(struct keeper *k, const char *program, const char *word, const char *id) must_check;
int kept_user_unit(struct keeper *k, uint32_t uid, const char *word, const char *unit) must_check;
int kept_runtime(struct keeper *k, const char *program) must_check;
bool kept_container_is_gone(struct keeper *k, const char *program, const char *id) must_check;

/* Is it stopped, and never started again? Then it is back as it was without being asked about. */
static inline bool change_is_temporary(const struct change *c)
{
	return !strcmp(c->from, CHANGE_TEMPORARY);
}

/* silent.c */
bool silent_is(const struct keeper *k, const char *who);
int silent_note(struct keeper *k, const char *who, int rc);

/* cards-known.c, for what starts sessions */
void cards_known_wait(struct keeper *k);

/* bind.c: off the vfio driver; unbind.c and rebar.c need it when the device is still, or again, there */
int bind_revert(struct keeper *k, const struct change *c);

#endif /* VFIO_RUN_KIND_H */
