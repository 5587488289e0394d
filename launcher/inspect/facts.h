/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts.h - what a plan needs to know of the host beside its PCI devices */
#ifndef VFIO_RUN_FACTS_H
#define VFIO_RUN_FACTS_H

#include "launcher/host/user/render.h"
#include "launcher/host/qemu/firmware.h"
#include "launcher/host/kernel/smbios.h"
#include "launcher/host/user/sound.h"
#include "launcher/host/seat/window.h"
#include "launcher/inspect/profile-open.h"
#include "launcher/plan/checks/checks.h"
#include "launcher/plan/plan.h"

struct cli;
struct profile;

struct facts {
	struct plan_host_facts plan; /* borrows from the rest */
	struct host_user user;
	char *qemu;
	char *nvram;
	struct firmware firmware;
	struct host_smbios smbios;
	struct plan_disk_facts *disk;
	size_t disk_count;
	bool *multi_queue;
	char *swtpm, *virtiofsd, *passt;
	struct plan_input_facts *input;
	struct plan_file *file; /* behind the disks, and named in arguments */
	size_t file_count;
	char **variant; /* for each section, NULL: vfio-pci */
	size_t variant_count;
	struct host_sound sound;
	char sound_device[32];
	struct plan_node sound_node[HOST_SOUND_NODES];
	struct plan_unit *unit; /* their names are owned */
	size_t unit_count;
	struct plan_kept *kept; /* likewise their texts */
	size_t kept_count;
	struct plan_holder *holder; /* likewise their words */
	size_t holder_count;
	struct plan_render render[HOST_RENDER_MAX];
	struct host_window window; /* of the user's desktop, where one is needed */
};

int facts_gather(const struct cli *cli, const struct opened_profile *o, struct host *host,
		 struct facts *out, struct check_results *results) must_check;
int facts_find_qemu(const char *name, struct facts *f, struct check_results *results) must_check;
void facts_fini(struct facts *f);

/* facts-firmware.c */
struct looking;
int facts_find_firmware(const struct opened_profile *o, struct facts *f,
			struct check_results *results) must_check;
int facts_find_any_firmware(struct facts *f, struct check_results *results);
int facts_assume_firmware(const struct opened_profile *o, struct facts *f) must_check;
int facts_look_at_firmware(const struct looking *l) must_check;

/* facts-machine.c */
int facts_find_hyperv(const struct opened_profile *o, bool live, struct facts *f,
		      struct check_results *results) must_check;
int facts_find_smbios(const struct opened_profile *o, struct host *host, struct facts *f,
		      struct check_results *results) must_check;

/* facts-session.c */
int facts_look_at_session(const struct opened_profile *o, bool live, struct facts *f,
			  struct check_results *results) must_check;

/* facts-holders.c */
int facts_find_holders(const struct opened_profile *o, struct host *host, const struct plan *plan,
		       struct facts *f) must_check;

/* facts-hooks.c */
int facts_look_at_hooks(const struct opened_profile *o, struct check_results *results) must_check;

/* facts-drivers.c */
int facts_find_variants(const struct profile *p, struct host *host, struct facts *f) must_check;

/* facts-jail.c */
int facts_add_behind(void *facts, const char *path);
int facts_find_argument_files(const struct profile *profile, struct facts *f) must_check;

#endif /* VFIO_RUN_FACTS_H */
