/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-hooks.c - can the administrator's programs be run, and has nobody else written them? */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/host/trusted.h"
#include "launcher/inspect/facts.h"

#define INSTALL "`sudo install -m 755` it into a directory of root's, /etc/vfio-run/hooks for one"

/* Return: what is wrong with the file, NULL: nothing; with what mends it. */
static const char *wrong_with(const char *path, const char **remedy)
{
	struct trusted_error error = { .what = NULL };
	cleanup_close int fd = -1;
	struct stat st;
	int r = trusted_open(path, 0, &fd, &error);

	*remedy = INSTALL;
	if (r == -EACCES && geteuid())
		return NULL; /* root can, and asks again */
	if (r == -EPERM)
		return "others than root can change it, or a directory above it";
	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		*remedy = "name a program";
		return S_ISDIR(st.st_mode) ? "is a directory" : "is no file";
	}
	*remedy = r ? "correct the path, or remove the line" : "`sudo chmod 755` it";
	if (r)
		return strerror(-r);
	return fstat(fd, &st) || !(st.st_mode & 0111) ? "is not executable" : NULL;
}

static int look_at(const struct opened_profile *o, const struct profile_pos *pos, const char *key,
		   const char *path, struct check_results *results)
{
	const char *remedy, *wrong = wrong_with(path, &remedy);

	if (!wrong)
		return 0;
	check_add(results, "hooks", CHECK_FAILED, remedy, "%s: %s = %s: %s", opened_place(o, pos), key,
		  path, wrong);
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
	const struct {
		const char *key, *path;
		const struct profile_pos *pos;
	} programs[] = {
		{ "prepare", p->hook_prepare, &p->hook_prepare_pos },
		{ "started", p->hook_started, &p->hook_started_pos },
		{ "stopped", p->hook_stopped, &p->hook_stopped_pos },
		{ "failed", p->hook_failed, &p->hook_failed_pos },
		{ "released", p->hook_released, &p->hook_released_pos },
		{ "stop-command", p->session_stop_command, &p->session_stop_command_pos },
		{ "start-command", p->session_start_command, &p->session_start_command_pos },
	};
	int code = 0;

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (programs[i].path)
			code |= look_at(o, programs[i].pos, programs[i].key, programs[i].path, results);
	return code;
}
