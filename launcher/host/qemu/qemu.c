/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu.c - where the emulator is, and which version it has */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "launcher/host/places.h"
#include "launcher/host/qemu/qemu-question.h"
#include "launcher/host/qemu/qemu.h"

#define VERSION_TEXT 512
#define LINKS_MAX 8
#define DEVICES_TEXT (256u << 10) /* 40 KiB with QEMU 7.2 */

static const char *const directories[] = { VFIO_RUN_QEMU_DIRS };

/* A walk down a path, link by link; what was passed holds no link any more. */
struct walk {
	char passed[PATH_MAX], rest[2 * PATH_MAX];
	unsigned int links;
};

static bool follow(struct walk *w)
{
	char target[PATH_MAX], joined[sizeof(w->rest)];
	ssize_t n = readlink(w->passed, target, sizeof(target) - 1);

	if (n <= 0 || n == (ssize_t)sizeof(target) - 1 || ++w->links > LINKS_MAX)
		return false;
	target[n] = '\0';
	if ((size_t)snprintf(joined, sizeof(joined), "%s/%s", target, w->rest) >= sizeof(joined))
		return false;
	memcpy(w->rest, joined, sizeof(joined));
	*(*target == '/' ? w->passed : strrchr(w->passed, '/')) = '\0';
	return true;
}

/* Only root can change what is here, or put another in its place, as its directory was passed. */
static bool pass(struct walk *w, const char *name, size_t length)
{
	size_t used = strlen(w->passed);
	struct stat st;

	if (!length || (length == 1 && *name == '.'))
		return true;
	if (length == 2 && !strncmp(name, "..", 2)) {
		*(used ? strrchr(w->passed, '/') : w->passed) = '\0';
		return true;
	}
	if (used + 1 + length >= sizeof(w->passed))
		return false;
	(void)snprintf(w->passed + used, sizeof(w->passed) - used, "/%.*s", (int)length, name);
	if (lstat(w->passed, &st) || st.st_uid)
		return false;
	return S_ISLNK(st.st_mode) ? follow(w) : !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/* Return: false when another user than root could make @path lead to another file than @w->passed
 */
static bool leads_to_roots(const char *path, struct walk *w)
{
	char name[NAME_MAX + 1];
	struct stat st;

	*w = (struct walk){ .links = 0 };
	if (*path != '/' || strlen(path) >= PATH_MAX || stat("/", &st) || st.st_uid ||
	    st.st_mode & (S_IWGRP | S_IWOTH))
		return false;
	(void)snprintf(w->rest, sizeof(w->rest), "%s", path);
	while (*w->rest) {
		char *start = w->rest + strspn(w->rest, "/");
		size_t length = strcspn(start, "/");

		if (length > NAME_MAX)
			return false;
		memcpy(name, start, length);
		start += length;
		(void)memmove(w->rest, start, strlen(start) + 1);
		if (!pass(w, name, length))
			return false;
	}
	return true;
}

/**
 * host_path_is_system() - is this file, and all that leads to it, root's alone to change?
 * @path:	absolute; links in it are followed, and where each stands counts too
 */
bool host_path_is_system(const char *path)
{
	struct walk w;

	return leads_to_roots(path, &w);
}

/**
 * host_path_of_system() - the file that a path of the system's leads to
 * @file:	filled on success: a path without links
 *
 * Return: false when it is not host_path_is_system()
 */
bool host_path_of_system(const char *path, char file[PATH_MAX])
{
	struct walk w;

	if (!leads_to_roots(path, &w))
		return false;
	memcpy(file, w.passed, sizeof(w.passed));
	return true;
}

/**
 * host_qemu_find() - the emulator behind `qemu =`
 * @name:	a file name, looked for in the system's directories, or an absolute path
 * @path:	absolute; freed by the caller
 *
 * A name must lead to a file that only root can change. A path is taken as it is: who may
 * name one is asked elsewhere (host_path_is_system()).
 *
 * Return: 0; -ENOENT; -EPERM: found, but not root's alone; -EINVAL: a relative path; -ENOMEM
 */
int host_qemu_find(const char *name, char **path)
{
	int r = -ENOENT;

	if (*name == '/') {
		if (access(name, X_OK))
			return -errno;
		*path = strdup(name);
		return *path ? 0 : -ENOMEM;
	}
	if (!*name || strchr(name, '/'))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		cleanup_free char *candidate = NULL;

		if (asprintf(&candidate, "%s/%s", directories[i], name) < 0) {
			candidate = NULL;
			return -ENOMEM;
		}
		if (access(candidate, X_OK))
			continue;
		if (host_path_is_system(candidate)) {
			*path = take_ptr(candidate);
			return 0;
		}
		r = -EPERM;
	}
	return r;
}

/**
 * host_qemu_parse_version() - the version out of the output of `--version`
 * @out:	major << 16 | minor << 8 | micro
 *
 * Return: 0, or -EPROTO for other output
 */
int host_qemu_parse_version(const char *text, unsigned int *out)
{
	static const char start[] = "QEMU emulator version ";
	unsigned int major, minor, micro = 0;

	if (strncmp(text, start, sizeof(start) - 1))
		return -EPROTO;
	if (sscanf(text + sizeof(start) - 1, "%3u.%3u.%3u", &major, &minor, &micro) < 2)
		return -EPROTO;
	if (major > 255 || minor > 255 || micro > 255)
		return -EPROTO;
	*out = major << 16 | minor << 8 | micro;
	return 0;
}

/**
 * host_qemu_version() - the version that the emulator reports
 * @user:	who runs it when it is not the system's; never root: the user may have changed it
 * @out:	major << 16 | minor << 8 | micro
 *
 * Return: 0; -ETIMEDOUT, -EPROTO: it does not answer as QEMU does; other -errno
 */
int host_qemu_version(const char *path, const struct host_user *user, unsigned int *out)
{
	char text[VERSION_TEXT], known[QEMU_CACHE_ANSWER_MAX];
	struct qemu_question q;
	int r;

	qemu_question(&q, path, "--version");
	if (qemu_question_known(&q, known) && !host_qemu_parse_version(known, out))
		return 0;
	r = qemu_question_ask(&q, user, (const char *const[]){ "--version", NULL }, NULL,
		"QEMU emulator version ", text, sizeof(text));
	if (!r)
		r = host_qemu_parse_version(text, out);
	if (r)
		return r;
	(void)snprintf(known, sizeof(known), "QEMU emulator version %u.%u.%u", *out >> 16,
		       *out >> 8 & 0xff, *out & 0xff);
	qemu_question_keep(&q, known);
	return 0;
}

/**
 * host_qemu_has_device() - does `-device help` name this one?
 * @user:	the name of who runs it when it is not the system's; never root
 * @device:	"vfio-pci"
 *
 * Return: 1 yes, 0 no, -EPROTO when it names no device at all, -ETIMEDOUT, other -errno
 */
int host_qemu_has_device(const char *path, const char *user, const char *device)
{
	cleanup_free char *text = malloc(DEVICES_TEXT);
	struct host_user as;
	struct qemu_question q;
	char wanted[96], known[QEMU_CACHE_ANSWER_MAX];
	int r;

	(void)snprintf(wanted, sizeof(wanted), "name \"%s\"", device);
	qemu_question(&q, path, wanted);
	if (qemu_question_known(&q, known))
		return !strcmp(known, "yes");
	r = text ? host_user_named(user, &as) : -ENOMEM;
	if (!r)
		r = qemu_question_ask(&q, &as, (const char *const[]){ "-device", "help", NULL }, NULL, "name \"",
			text, DEVICES_TEXT);
	if (!r && !strstr(text, "name \""))
		r = -EPROTO;
	if (r)
		return r;
	r = strstr(text, wanted) != NULL;
	qemu_question_keep(&q, r ? "yes" : "no");
	return r;
}

/* ---- Linux AIO --------------------------------------------------------------------------- */

/*
 * Its answer is an error in any case: without it the build is blamed, with it the cache that was
 * not asked for. The file is one that whoever runs it can read. Source: QEMU, block/file-posix.c.
 */
static const char aio_input[] =
	"{\"execute\":\"qmp_capabilities\"}\n"
	"{\"execute\":\"blockdev-add\",\"arguments\":{\"driver\":\"file\",\"node-name\":\"aio\","
	"\"read-only\":true,\"aio\":\"native\",\"filename\":\"/proc/self/exe\"}}\n"
	"{\"execute\":\"quit\"}\n";

/**
 * host_qemu_has_native_aio() - was the emulator built with Linux AIO?
 * @user:	who runs it when it is not the system's; never root
 *
 * Return: 1 yes, 0 no, -EPROTO: it does not answer as QEMU does; -ETIMEDOUT, other -errno
 */
int host_qemu_has_native_aio(const char *path, const struct host_user *user)
{
	static const char *const arguments[] = { "-machine", "none", "-nodefaults", "-display",
						 "none",     "-qmp", "stdio",       NULL };
	static const char with[] = "it requires cache.direct", without[] = "not supported in this build";
	char text[VERSION_TEXT * 8], known[QEMU_CACHE_ANSWER_MAX];
	struct qemu_question q;
	int r;

	qemu_question(&q, path, "aio native");
	if (qemu_question_known(&q, known))
		return !strcmp(known, "yes");
	r = qemu_question_ask(&q, user, arguments, aio_input, "aio", text, sizeof(text));
	if (!r && !strstr(text, with) && !strstr(text, without))
		r = -EPROTO;
	if (r)
		return r;
	r = strstr(text, with) != NULL;
	qemu_question_keep(&q, r ? "yes" : "no");
	return r;
}

/* ---- displays ----------------------------------------------------------------------------- */

#define DISPLAYS_TEXT 4096

/* clang-format off */
/* SPICE and VNC are no types of -display: a machine that has nothing is started with them. */
static const struct { const char *type; const char *arguments[12]; } displays[] = {
	{ "spice", { "-machine", "none", "-nodefaults", "-display", "none", "-spice",
		     "disable-ticketing=on", "-qmp", "stdio", NULL } },
	{ "vnc",   { "-machine", "none", "-nodefaults", "-display", "none", "-vnc", "none", "-qmp",
		     "stdio", NULL } },
};
/* clang-format on */

/* A line of `-display help`. */
static bool has_line(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (strcspn(text, "\n") == length && !strncmp(text, line, length))
			return true;
	return false;
}

static int ask_display(struct qemu_question *q, const struct host_user *user, const char *type)
{
	static const char *const help[] = { "-display", "help", NULL };
	static const char quit[] = "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"quit\"}\n";
	char text[DISPLAYS_TEXT];
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(displays); i++) {
		if (strcmp(displays[i].type, type) != 0)
			continue;
		r = qemu_question_ask(q, user, displays[i].arguments, quit, "\"return\"", text,
				      sizeof(text));
		return r ? r : strstr(text, "\"return\"") != NULL;
	}
	r = qemu_question_ask(q, user, help, NULL, "none", text, sizeof(text));
	if (!r && !has_line(text, "none"))
		r = -EPROTO;
	return r ? r : has_line(text, type);
}

/**
 * host_qemu_has_display() - can the emulator show a guest that way?
 * @user:	who runs it when it is not the system's; never root
 * @type:	as `type =` of [display] has it
 *
 * Return: 1 yes, 0 no, -EPROTO when it lists no display at all, -ETIMEDOUT, other -errno
 */
int host_qemu_has_display(const char *path, const struct host_user *user, const char *type)
{
	char words[64], known[QEMU_CACHE_ANSWER_MAX];
	struct qemu_question q;
	int r;

	(void)snprintf(words, sizeof(words), "display %s", type);
	qemu_question(&q, path, words);
	if (qemu_question_known(&q, known))
		return !strcmp(known, "yes");
	r = ask_display(&q, user, type);
	if (r >= 0)
		qemu_question_keep(&q, r ? "yes" : "no");
	return r;
}

/* ---- sound -------------------------------------------------------------------------------- */

/**
 * host_qemu_has_audio() - has the emulator that backend for sound?
 * @user:	who runs it when it is not the system's; never root
 * @driver:	by QEMU's name: "pa"
 *
 * Asked and not known from its version: distributions have backends in packages of their own.
 *
 * Return: 1 yes, 0 no, -EPROTO when it lists none at all, -ETIMEDOUT, other -errno
 */
int host_qemu_has_audio(const char *path, const struct host_user *user, const char *driver)
{
	static const char *const help[] = { "-audiodev", "help", NULL };
	char words[64], known[QEMU_CACHE_ANSWER_MAX], text[DISPLAYS_TEXT];
	struct qemu_question q;
	int r;

	(void)snprintf(words, sizeof(words), "audiodev %s", driver);
	qemu_question(&q, path, words);
	if (qemu_question_known(&q, known))
		return !strcmp(known, "yes");
	r = qemu_question_ask(&q, user, help, NULL, "none", text, sizeof(text));
	if (!r && !has_line(text, "none"))
		r = -EPROTO;
	if (r)
		return r;
	r = has_line(text, driver);
	qemu_question_keep(&q, r ? "yes" : "no");
	return r;
}

/* ---- machine types ----------------------------------------------------------------------- */

#define MACHINES_TEXT (1u << 20) /* 16 KiB with QEMU 7.2 */
#define MACHINES_RETURN "\"cpu-max\""

static const char machines_input[] = "{\"execute\":\"qmp_capabilities\"}\n"
				     "{\"execute\":\"query-machines\"}\n"
				     "{\"execute\":\"quit\"}\n";

static const char *member(struct json_object *o, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(o, name, &value) ? json_object_get_string(value) : "";
}

/* Return: of that line of the answer the list of machine types, NULL when it has none */
static struct json_object *machine_list(const char *line, struct json_object **reply)
{
	struct json_object *list;

	*reply = json_tokener_parse(line);
	if (!json_object_is_type(*reply, json_type_object) ||
	    !json_object_object_get_ex(*reply, "return", &list) ||
	    !json_object_is_type(list, json_type_array))
		return NULL;
	return list;
}

/* Return: 0, -ENOENT it has no such machine type, -EPROTO it is other output */
static int find_machine(char *text, const char *machine, unsigned int *cpus_max)
{
	char *line = strstr(text, MACHINES_RETURN), *end;
	struct json_object *reply, *list, *most;
	int r = -ENOENT;

	while (line && line > text && line[-1] != '\n')
		line--;
	if (!line)
		return -EPROTO;
	end = strchr(line, '\n');
	if (end)
		*end = '\0';
	list = machine_list(line, &reply);
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		if (strcmp(member(o, "name"), machine) && strcmp(member(o, "alias"), machine))
			continue;
		r = json_object_object_get_ex(o, "cpu-max", &most) ? 0 : -EPROTO;
		*cpus_max = r ? 0 : (unsigned int)json_object_get_int(most);
	}
	(void)json_object_put(reply);
	return list ? r : -EPROTO;
}

/**
 * host_qemu_machine() - has the emulator that machine type, and how many processors can it have?
 * @user:	who runs it when it is not the system's; never root
 * @machine:	a name or an alias, such as "q35"
 *
 * Source: QEMU, qapi/machine.json, query-machines.
 *
 * Return: 0; -ENOENT: there is no such type; -EPROTO: it does not answer as QEMU does; -ETIMEDOUT,
 * other -errno
 */
int host_qemu_machine(const char *path, const struct host_user *user, const char *machine,
		      unsigned int *cpus_max)
{
	static const char *const arguments[] = { "-machine", "none", "-nodefaults", "-display",
						 "none",     "-qmp", "stdio",       NULL };
	char words[96], known[QEMU_CACHE_ANSWER_MAX];
	cleanup_free char *text = malloc(MACHINES_TEXT);
	struct qemu_question q;
	int r;

	(void)snprintf(words, sizeof(words), "machine %s", machine);
	qemu_question(&q, path, words);
	if (qemu_question_known(&q, known) && sscanf(known, "%u", cpus_max) == 1)
		return *cpus_max ? 0 : -ENOENT;
	r = text ? qemu_question_ask(&q, user, arguments, machines_input, MACHINES_RETURN, text, MACHINES_TEXT)
		 : -ENOMEM;
	if (!r)
		r = find_machine(text, machine, cpus_max);
	if (r && r != -ENOENT)
		return r;
	(void)snprintf(known, sizeof(known), "%u", r ? 0u : *cpus_max);
	qemu_question_keep(&q, known);
	return r;
}
