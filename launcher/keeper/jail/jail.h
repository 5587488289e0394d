/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jail.h - starting a program as the VM's user, with nothing but what it needs */
#ifndef VFIO_RUN_JAIL_H
#define VFIO_RUN_JAIL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "launcher/base/cleanup.h"
#include "launcher/keeper/handover.h"

/* What kind of a jail it is: a row of jail_profile(). */
struct jail_profile {
	bool own_root;	  /* all stages of jail-stages.c, a root with nodes and files of its own */
	int namespaces;	  /* flags of clone(2); with CLONE_NEWPID it is the first process of its own */
	uint32_t tasks_max; /* of all its user's processes together, threads count; 0: leave it */
	bool all_of_proc; /* its /proc holds the kernel's settings too */
	bool network;	  /* the host's, and an empty /tmp, on which it makes a root of its own */
	bool own_users;	  /* a user namespace: it is root there, with the rights of the user outside */
};

/* What one program is started with; all borrowed. */
struct jail {
	uint32_t uid, gid;
	const struct jail_profile *profile;
	bool host_name;        /* it keeps the host's name */
	bool private_network;  /* an empty network namespace */
	uint64_t memlock_bytes; /* 0: leave it */
	const struct keeper_node *node; /* of the private /dev */
	uint32_t node_count;
	const struct keeper_device *device; /* those that are given are seen in its /sys */
	uint32_t device_count;
	const struct keeper_file *file; /* what its root holds beside the system's */
	char *const *file_path;		/* where they are and will be */
	uint32_t file_count;
	uint32_t row; /* of the plan: those files are its own that name it */
	int filter; /* a memfd that jail_filter_check() accepts, put on last; 0: none */
	int input, output, errors;    /* become 0, 1, 2; -1: /dev/null */
	const int *pass;	      /* become 3, 4, ... */
	size_t pass_count;
	int program;	       /* executed by descriptor; -1: argv[0] is */
	int leaf;	       /* the cgroup that it is born in; -1: the keeper's, then it is moved */
	char *const *argv, *const *env;
};

/* A started program: parked before its exec until it is let go. */
struct jailed {
	pid_t pid;   /* 0: none */
	int pidfd;   /* -1: none */
	int park;    /* bytes let it go on; its end, before the exec, ends it */
	int dev;     /* its /dev arrives there, for late nodes; -1: there are none */
	int failure; /* reads records: that it is built, why not; end of file when it is executed */
	bool in_leaf; /* it was born in the cgroup that was asked for */
};

#define JAILED_NONE { 0, -1, -1, -1, -1, false }

struct jail_failure {
	int32_t error;	/* errno; 0: none so far, it waits for its devices */
	char step[508];	/* what could not be done, one line that a terminal can show */
};

const struct jail_profile *jail_profile(enum keeper_jail jail);
int jail_start(const struct jail *jail, struct jailed *out) must_check;
int jail_built(struct jailed *j, struct jail_failure *out) must_check;
int jail_devices_ready(const struct jailed *j) must_check;
int jail_let_go(struct jailed *j) must_check;
bool jail_failure(struct jailed *j, struct jail_failure *out);
void jail_forget(struct jailed *j);

/* jail-late.c */
int jail_make_late_nodes(struct jailed *j, const struct jail *jail) must_check;

/* jail-filter.c */
const char *jail_filter_check(int fd);
const char *jail_wrong(const struct jailed *j, unsigned int filters);

#endif /* VFIO_RUN_JAIL_H */
