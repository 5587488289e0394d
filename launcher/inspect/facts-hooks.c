/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-hooks.c - can the administrator's programs be run, and has nobody else written them? */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/host/trusted.h"
#include "launcher/inspect/facts.h"

static int look_at(const struct opened_profile *o, const struct profile_pos *pos, const char *key,
		   const char *path, struct check_results *results)
{
	struct trusted_error error = { .what = NULL };
	cleanup_close int fd = -1;
	struct stat st;
	int r = path ? trusted_open(path, 0, &fd, &error) : 0;

	if (!path || (r == -EACCES && geteuid()) || (!r && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_mode & 0111))
		return 0;
	check_add(results, "hooks", CHECK_FAILED,
		  "`sudo install -m 755` it into a directory of root's, /etc/vfio-run/hooks for one",
		  "%s: %s = %s: %s", opened_place(o, pos), key, path,
		  !r	       ? "is no executable file" :
		  r == -EPERM ? "others than root can change it, or a directory above it" :
			       strerror(-r));
	return EXIT_HOST;
}

/**
 * facts_look_at_hooks() - the programs that run as root
 *
 * Only a profile that root owns has any: profile_open() has seen to that.
 *
 * Return: 0 or EXIT_HOST
 */
int facts_look_at_hooks(const struct opened_profile *o, struct check_results *results)
{
	const struct profile *p = o->profile;
	const struct profile_pos *pos = &p->hooks_pos;

	return look_at(o, pos, "prepare", p->hook_prepare, results) |
	       look_at(o, pos, "started", p->hook_started, results) |
	       look_at(o, pos, "stopped", p->hook_stopped, results) |
	       look_at(o, pos, "failed", p->hook_failed, results) |
	       look_at(o, pos, "released", p->hook_released, results) |
	       look_at(o, &p->session_command_pos, "stop-command", p->session_stop_command, results) |
	       look_at(o, &p->session_command_pos, "start-command", p->session_start_command, results);
}
