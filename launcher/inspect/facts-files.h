/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-files.h - the files and ports that a profile names, looked at as the VM's user */
#ifndef VFIO_RUN_FACTS_FILES_H
#define VFIO_RUN_FACTS_FILES_H

#include "launcher/inspect/facts.h"

struct profile;
struct profile_errors;

int facts_look_at_files(const struct opened_profile *o, struct host *host, struct facts *f,
			struct check_results *results) must_check;
int facts_look_at_nets(const struct opened_profile *o, struct host *host, struct facts *f,
		       struct check_results *results) must_check;
int facts_look_at_input(const struct opened_profile *o, struct host *host, struct facts *f,
			struct check_results *results) must_check;
int facts_look_at_ports(const struct opened_profile *o, struct host *host, struct facts *f,
			struct check_results *results) must_check;
void facts_add_missing(const struct profile *p, const struct host_user *user,
		       struct profile_errors *errors);

int facts_look_at_beside(const struct opened_profile *o, struct host *host, struct facts *f,
			 struct check_results *results) must_check;
int facts_assume_beside(const struct opened_profile *o, struct facts *f) must_check;
void facts_assume_display(const struct opened_profile *o, struct host *host, struct facts *f,
			  struct check_results *results);
int facts_look_at_display(const struct opened_profile *o, struct host *host, struct facts *f,
			  struct check_results *results) must_check;

struct host_shm;
struct plan_shm;
int facts_find_passt(const struct opened_profile *o, struct host *host, struct facts *f,
		     struct check_results *results) must_check;
int facts_look_at_audio(const struct opened_profile *o, struct host *host, struct facts *f,
			struct check_results *results) must_check;
void facts_assume_audio(const struct opened_profile *o, struct facts *f);
int facts_look_at_shm(const struct opened_profile *o, struct host *host, struct facts *f,
		      struct check_results *results) must_check;
void facts_shm_words(const struct plan_shm *shm, const struct host_shm *found, char *what,
		     char *remedy, size_t size);

#endif /* VFIO_RUN_FACTS_FILES_H */
