/* SPDX-License-Identifier: GPL-2.0-or-later */
/* profile-open.c - from a word of the command line to a profile that may be trusted */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/suggest.h"
#include "launcher/cli.h"
#include "launcher/inspect/invoker.h"
#include "launcher/inspect/facts-files.h"
#include "launcher/inspect/profile-names.h"
#include "launcher/inspect/profile-open.h"
#include "launcher/host/user/as-user.h"
#include "launcher/host/places.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/host/trusted.h"
#include "profiles/meant.h"
#include "profiles/profile.h"
#include "profiles/utf8.h"

#define SYSTEM_PROFILES VFIO_RUN_SYSCONFDIR
#define USER_PROFILES "/.config/vfio-run"
static const char suffix[] = ".profile";

static bool has_suffix(const char *word)
{
	size_t length = strlen(word);

	return length >= sizeof(suffix) && !strcmp(word + length - (sizeof(suffix) - 1), suffix);
}

/** profile_is_path() - does the word name a file, and not a profile in the usual places? */
bool profile_is_path(const char *word)
{
	return strchr(word, '/') || has_suffix(word);
}

/* The VM's name, unless the profile gives one: the file's, without its ending. */
static void default_name(const char *path, char *buf, size_t size)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	(void)snprintf(buf, size, "%.*s", (int)size - 1, base);
	if (has_suffix(buf))
		buf[strlen(buf) - (sizeof(suffix) - 1)] = '\0';
}

/*
 * A file's name can hold anything, a terminal's escape sequences too; the path stands in
 * every message. One that cannot be shown is not taken.
 */
static bool is_printable(const char *word)
{
	size_t size = strlen(word), length;

	for (size_t i = 0; i < size; i += length) {
		uint32_t c;

		length = utf8_decode(word + i, size - i, &c);
		if (!length || utf8_is_control(c))
			return false;
	}
	return true;
}

static int check_word(const char *word)
{
	if (!*word)
		log_error("an empty word: is a variable of the shell not set?");
	else if (!is_printable(word))
		log_error("%s: not UTF-8, or with control characters: rename the profile",
			  cli_shown(word));
	else if (strlen(word) >= PATH_MAX)
		log_error("%s: longer than a path can be", cli_shown(word));
	else
		return 0;
	return EXIT_BAD_USE;
}

/*
 * First as root's alone: then it may hold what a user's may not. A file of root's in a
 * directory of the user's does not count: the user can put another in its place.
 */
static int open_path(struct opened_profile *o, int *fd)
{
	uid_t user = o->has_invoker ? o->invoker.uid : geteuid();
	struct trusted_error e;
	char part[1024];
	int rc = trusted_open(o->path, 0, fd, &e);

	o->of_root = rc == 0;
	if (rc == -EPERM && user != 0)
		rc = trusted_open(o->path, user, fd, &e);
	if (!rc || rc == -ENOENT)
		return rc;
	log_error("%s: not read: %s: %s", cli_shown(o->path), log_quote(e.part, part, sizeof(part)),
		  e.what);
	return rc;
}

/* An address where a profile belongs; `detach` takes both. */
static bool say_address(const struct cli *cli, const char *word)
{
	bool devices = !strcmp(cli->command->name, "detach") || !strcmp(cli->command->name, "attach");
	char meant[MEANT_MAX];

	if (!meant_address(word, meant) && !meant_ids(word, meant))
		return false;
	if (devices && strlen(meant) > 9)
		log_error("%s: neither an address nor a profile; did you mean `%s`?", cli_shown(word),
			  meant);
	else if (devices)
		log_error("%s: ids, where an address belongs: `vfio-run list` shows it", cli_shown(word));
	else
		log_error("%s: a device, where a profile belongs: write it into one, as `device = %s` "
			  "below [gpu]; `sudo vfio-run detach ADDRESS` takes a device without a VM",
			  cli_shown(word), meant);
	return true;
}

/* A file of that name, here: the working directory is not searched, it can be any user's. */
static bool say_here(const char *word)
{
	static const char *const ends[] = { "", suffix };
	const char *dot = strrchr(word, '.');
	char path[PATH_MAX];

	if (!strcmp(word, ".") || !strcmp(word, "..")) {
		log_error("%s: is a directory: name the profile in it, as `%s/NAME%s`", word, word, suffix);
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		(void)snprintf(path, sizeof(path), "./%s%s", word, ends[i]);
		if (!faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW)) {
			log_error("there is no profile `%s`; a file has a `/` in its path: `%s`",
				  cli_shown(word), cli_shown(path));
			return true;
		}
	}
	if (!dot || dot == word || !isalpha((unsigned char)dot[1]))
		return false;
	log_error("there is no profile `%s`, and no file of that name here", cli_shown(word));
	return true;
}

/* A profile with nearly this name; else "; there are: a, b" into @others, or "". */
static bool say_names(const char *word, const struct opened_profile *o, char *others, size_t size)
{
	struct suggestion near = { .word = word };
	struct profile_names names;
	size_t used = 0;

	profile_names(o->has_invoker ? &o->invoker : NULL, &names);
	others[0] = '\0';
	for (size_t i = 0; i < names.count; i++) {
		suggestion_offer(&near, names.name[i]);
		if (used < size)
			used += (size_t)snprintf(others + used, size - used, "%s%s",
						 i ? ", " : "; there are: ", names.name[i]);
	}
	if (near.best)
		log_error("there is no profile `%s`; did you mean `%s`?", cli_shown(word), near.best);
	return near.best;
}

static int not_found(const struct cli *cli, const char *word, const struct opened_profile *o)
{
	const char *near = cli_meant_command(word);
	char others[256];

	if (profile_is_path(word))
		log_error("%s: no such file", cli_shown(word));
	else if (say_address(cli, word))
		;
	else if (strchr(word, ':'))
		log_error("%s: neither an address, as 0000:01:00.0, nor a profile", cli_shown(word));
	else if (say_here(word) || say_names(word, o, others, sizeof(others)))
		;
	else if (near)
		log_error("there is no profile `%s`; did you mean `vfio-run %s`?", cli_shown(word), near);
	else if (o->has_invoker)
		log_error("there is no profile `%s`: looked for %s/.config/vfio-run/%s%s and "
			  SYSTEM_PROFILES "/%s%s%s", cli_shown(word), o->invoker.home, cli_shown(word),
			  suffix, cli_shown(word), suffix, others);
	else
		log_error("there is no profile " SYSTEM_PROFILES "/%s%s%s", cli_shown(word), suffix, others);
	return EXIT_BAD_USE;
}

/* Puts a place together and opens it. Return: 0, -ENOENT, or another -errno, reported */
static int try_place(struct opened_profile *o, const char *home, const char *dir, const char *word,
		     const char *end, int *fd)
{
	int n = snprintf(o->path, sizeof(o->path), "%s%s%s%s%s", home, dir, *dir ? "/" : "", word, end);

	if (n < 0 || (size_t)n >= sizeof(o->path)) {
		log_error("%s: longer than a path can be", cli_shown(word));
		return -ENAMETOOLONG;
	}
	return open_path(o, fd);
}

/* Looks in the usual places. Return: 0 open; else an exit code, reported */
static int find(const struct cli *cli, const char *word, struct opened_profile *o, int *fd)
{
	int rc = -ENOENT;

	if (profile_is_path(word)) {
		rc = try_place(o, "", "", word, "", fd);
	} else {
		if (o->has_invoker)
			rc = try_place(o, o->invoker.home, USER_PROFILES, word, suffix, fd);
		if (rc == -ENOENT)
			rc = try_place(o, "", SYSTEM_PROFILES, word, suffix, fd);
	}
	return rc == -ENOENT ? not_found(cli, word, o) : rc ? EXIT_BAD_USE : 0;
}

/* Never more than one byte beyond what a profile may have. */
static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t used = 0;
	ssize_t n = 0;

	while (used < size && (n = read(fd, buf + used, size - used)) > 0)
		used += (size_t)n;
	return n < 0 ? -errno : (ssize_t)used;
}

/*
 * A user who may not read the file must not read it in error messages: `sudo vfio-run
 * /etc/shadow` would be a way. So a child with the user's rights tries to open it.
 */
static bool may_see(const struct opened_profile *o, const struct stat *st)
{
	cleanup_close int fd = -1;
	struct stat his;

	if (!o->has_invoker || geteuid() != 0)
		return true;
	return !as_user_open(&o->invoker, o->path, &fd) && fd >= 0 && !fstat(fd, &his) &&
	       his.st_ino == st->st_ino && his.st_dev == st->st_dev;
}

static void show_errors(const struct cli *cli, const struct opened_profile *o,
			const struct profile_errors *errors, const char *text, size_t size)
{
	cleanup_free char *shown =
		profile_errors_render(errors, o->path, text, size, cli_wants_colour(cli, STDERR_FILENO));

	if (shown)
		(void)fputs(shown, stderr);
	else
		log_error("%s: %zu errors, and no memory to show them", o->path, errors->count);
}

/* Files that are not there, too: all that is wrong comes in one go. */
static void show_all_errors(const struct cli *cli, const struct opened_profile *o,
			    struct profile_errors *errors, const char *text, size_t size)
{
	struct host_user user = o->invoker;
	bool known = o->has_invoker;

	if (o->profile && o->profile->user && (!known || strcmp(o->profile->user, user.name) != 0))
		known = o->of_root && !host_user_named(o->profile->user, &user);
	if (o->profile && known && !cli->sysroot)
		facts_add_missing(o->profile, &user, errors);
	show_errors(cli, o, errors, text, size);
}

static void hide_errors(const struct opened_profile *o, const struct profile_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++) {
		const struct profile_pos *pos = &errors->item[i].pos;

		if (pos->line)
			log_error("%s: something is wrong here", opened_place(o, pos));
	}
	log_error("%s: is no profile; what is wrong is not shown to %s, who may not read it", o->path,
		  o->invoker.name);
}

/* Of a file that is too long the beginning is read; the message gives its whole size. */
static size_t whole_size(const struct stat *st, size_t read)
{
	return read > PROFILE_SIZE_MAX && (size_t)st->st_size > read ? (size_t)st->st_size : read;
}

static int parse(const struct cli *cli, struct opened_profile *o, int fd)
{
	cleanup_free char *text = malloc(PROFILE_SIZE_MAX + 1);
	struct profile_errors errors = { .count = 0 };
	char name[NAME_MAX + 1];
	struct stat st;
	ssize_t size;
	int rc;

	if (!text || fstat(fd, &st) < 0)
		return EXIT_HOST;
	size = read_all(fd, text, PROFILE_SIZE_MAX + 1);
	if (size < 0) {
		log_error("%s: %s", o->path, strerror((int)-size));
		return EXIT_BAD_USE;
	}
	default_name(o->path, name, sizeof(name));
	rc = profile_read_with(text, whole_size(&st, (size_t)size), name, cli->option,
			       cli->option_count, &o->profile, &errors);
	if (rc == -ENOMEM)
		log_error("%s: out of memory", o->path);
	else if (rc && may_see(o, &st))
		show_all_errors(cli, o, &errors, text, (size_t)size);
	else if (rc)
		hide_errors(o, &errors);
	profile_errors_fini(&errors);
	return rc ? EXIT_BAD_USE : 0;
}

/* ---- what only a profile of root's may hold ----------------------------------------- */

static bool foreign_user(const struct opened_profile *o)
{
	return o->profile->user && (!o->has_invoker || strcmp(o->profile->user, o->invoker.name) != 0);
}

static bool no_sandbox(const struct opened_profile *o)
{
	return o->profile->sandbox == PROFILE_SANDBOX_OFF;
}

/* One that is not there is reported later, as missing. */
static bool foreign_qemu(const struct opened_profile *o)
{
	static const char *const system_dirs[] = { "/usr/bin/", "/usr/sbin/", "/usr/libexec/",
						   "/usr/local/bin/", "/bin/" };
	const char *qemu = o->profile->qemu;

	if (*qemu != '/')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(system_dirs); i++)
		if (!strncmp(qemu, system_dirs[i], strlen(system_dirs[i])) && !strstr(qemu, "/../"))
			return access(qemu, F_OK) == 0 && !host_path_is_system(qemu);
	return true;
}

/* What stands in root's profile, or in a -o of root's own. */
static bool is_roots_word(const struct opened_profile *o, const struct profile_pos *pos)
{
	return pos->option ? !o->has_invoker : o->of_root;
}

static int check_owner(const struct opened_profile *o)
{
	static const char hook[] = "a hook, which runs as root,", command[] = "a command, which runs as root,";
	const struct profile *p = o->profile;
	const char *before = NULL; /* several hooks are one thing to mend */
	const struct {
		bool (*said)(const struct opened_profile *o); /* NULL: there is such a line */
		const struct profile_pos *pos;
		const char *what;
	} rows[] = {
		{ foreign_user, &p->user_pos, "`user` other than the one who starts the VM" },
		{ NULL, &p->hook_prepare_pos, hook },
		{ NULL, &p->hook_started_pos, hook },
		{ NULL, &p->hook_stopped_pos, hook },
		{ NULL, &p->hook_failed_pos, hook },
		{ NULL, &p->hook_released_pos, hook },
		{ NULL, &p->session_stop_command_pos, command },
		{ NULL, &p->session_start_command_pos, command },
		{ no_sandbox, &p->sandbox_pos, "`sandbox = off`" },
		{ foreign_qemu, &p->qemu_pos, "an emulator outside the system's directories" },
	};
	int code = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (is_roots_word(o, rows[i].pos) ||
		    !(rows[i].said ? rows[i].said(o) : rows[i].pos->line) || before == rows[i].what)
			continue;
		before = rows[i].what;
		if (rows[i].pos->option)
			log_error("%s: %s is honoured only from a profile that root owns: write it "
				  "into one", opened_place(o, rows[i].pos), rows[i].what);
		else
			log_error("%s: %s is honoured only from a profile that root owns: "
				  "`sudo install -m 644 %s " SYSTEM_PROFILES "/`",
				  opened_place(o, rows[i].pos), rows[i].what, o->path);
		code = EXIT_BAD_USE;
	}
	return code;
}

/*
 * A rule of sudo can let somebody start another user's VM by its profile. What they add to it
 * would run as that user, and be opened with that user's rights.
 */
static int check_additions(const struct cli *cli, const struct opened_profile *o)
{
	const struct profile_pos *user = &o->profile->user_pos;
	bool more = cli->option_count || (cli->extra && *cli->extra);

	if (!more || !o->of_root || !o->has_invoker)
		return 0;
	if (user->option)
		log_error("%s: whose VM it is says the profile: it is root's", opened_place(o, user));
	else if (foreign_user(o))
		log_error("%s: it is root's, and the VM is user %s's: -o and arguments behind `--` are "
			  "taken from root and from %s alone", o->path, o->profile->user,
			  o->profile->user);
	else
		return 0;
	return EXIT_BAD_USE;
}

/**
 * profile_find() - where a profile is, and whose; it is not read
 * @out:	filled on success, without a profile
 *
 * Return: 0; else an exit code, and everything was reported
 */
int profile_find(const struct cli *cli, const char *word, struct opened_profile *out)
{
	cleanup_close int fd = -1;
	int rc;

	*out = (struct opened_profile){ .profile = NULL };
	rc = check_word(word);
	if (!rc)
		rc = invoker_find(&out->invoker, &out->has_invoker);
	return rc ? rc : find(cli, word, out, &fd);
}

/**
 * profile_open() - find, trust, read and check a profile
 * @word:	a path, or the name of a profile in the usual places
 * @out:	filled on success; profile_free(out->profile)
 *
 * Return: 0; else an exit code, and everything was reported
 */
int profile_open(const struct cli *cli, const char *word, struct opened_profile *out)
{
	cleanup_close int fd = -1;
	int rc;

	*out = (struct opened_profile){ .profile = NULL };
	rc = check_word(word);
	if (rc)
		return rc;
	rc = invoker_find(&out->invoker, &out->has_invoker);
	if (rc)
		return rc;
	rc = find(cli, word, out, &fd);
	if (!rc)
		rc = parse(cli, out, fd);
	if (!rc)
		rc = check_owner(out);
	if (!rc)
		rc = check_additions(cli, out);
	if (rc) {
		profile_free(out->profile);
		out->profile = NULL;
	}
	return rc;
}
