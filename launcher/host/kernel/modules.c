/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * modules.c - which kernel modules there are, by the program that links libkmod
 *
 * The program is started at the first question, which a run whose drivers are all loaded
 * does not have. Why it is a program: launcher/keeper/programs/module-query.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/host/kernel/modules.h"
#include "launcher/host/programs.h"

#define ANSWER_MAX 4096

struct host_modules {
	pid_t pid;
	FILE *in; /* its answers */
	int out;  /* questions to it: the same socket */
};

static _Noreturn void child(int program, int socket, const char *directory)
{
	char name[] = "module", query[] = "query", path[PATH_MAX];
	char *argv[] = { name, query, path, NULL }, *env[] = { NULL };

	(void)snprintf(path, sizeof(path), "%s", directory ? directory : "");
	if (dup2(socket, STDIN_FILENO) >= 0 && dup2(socket, STDOUT_FILENO) >= 0)
		(void)execveat(program, "", argv, env, AT_EMPTY_PATH);
	_exit(127);
}

static int start(struct host_modules *m, int program, const char *directory)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	m->pid = fork();
	if (m->pid == 0)
		child(program, pair[1], directory);
	(void)close(pair[1]);
	m->out = pair[0];
	m->in = fdopen(pair[0], "r");
	if (m->pid > 0 && m->in)
		return 0;
	if (!m->in)
		(void)close(pair[0]); /* the end of a child that waits for a question */
	return -ENOMEM;
}

/* One line of an answer: its number is returned, the rest is @buf. */
static int hear(struct host_modules *m, char buf[ANSWER_MAX])
{
	char line[ANSWER_MAX + 16], *rest;
	long r;

	buf[0] = '\0';
	if (!m->in || !fgets(line, sizeof(line), m->in))
		return -EPIPE;
	line[strcspn(line, "\n")] = '\0';
	r = strtol(line, &rest, 10);
	if (rest == line || r > 0 || r < -4095)
		return -EPROTO;
	(void)snprintf(buf, ANSWER_MAX, "%s", rest + (*rest == ' '));
	return (int)r;
}

static int ask(struct host_modules *m, const char *word, const char *argument, char buf[ANSWER_MAX])
{
	char line[ANSWER_MAX];
	int n = snprintf(line, sizeof(line), "%s %s\n", word, argument);

	if ((size_t)n >= sizeof(line) || strchr(argument, '\n'))
		return -EINVAL;
	return send(m->out, line, (size_t)n, MSG_NOSIGNAL) == n ? hear(m, buf) : -EPIPE;
}

/**
 * host_modules_open() - the modules of the running kernel
 * @directory:	NULL, or another one like /lib/modules/VERSION
 * @out:	closed with host_modules_close()
 *
 * Return: 0; -ENOENT when that directory or its index is missing, as after an update that
 * took the running kernel's modules away (remedy: reboot); -ELIBACC when the program that
 * knows is not there; other -errno
 */
int host_modules_open(const char *directory, struct host_modules **out)
{
	struct host_modules *m = calloc(1, sizeof(*m));
	cleanup_close int program = host_program_open("module");
	char rest[ANSWER_MAX];
	int r;

	if (!m)
		return -ENOMEM;
	r = program < 0 ? -ELIBACC : start(m, program, directory);
	if (!r)
		r = hear(m, rest);
	if (r == -EPIPE)
		r = -ELIBACC; /* it could not be executed */
	if (r < 0) {
		host_modules_close(m);
		return r;
	}
	*out = m;
	return 0;
}

/** host_modules_close() - NULL is allowed */
void host_modules_close(struct host_modules *m)
{
	if (!m)
		return;
	if (m->in)
		(void)fclose(m->in);
	if (m->pid > 0)
		(void)waitpid(m->pid, NULL, 0); /* it ends when its input does */
	free(m);
}

/**
 * host_module_state() - is this module there, and does it run?
 * @module:	its name, with underscores or dashes; not a driver's name
 *
 * Return: 0 or -errno
 */
int host_module_state(struct host_modules *m, const char *module, enum host_module *out)
{
	static const char *const words[] = {
		[HOST_MODULE_MISSING] = "missing",
		[HOST_MODULE_AVAILABLE] = "available",
		[HOST_MODULE_LOADED] = "loaded",
		[HOST_MODULE_BUILTIN] = "builtin",
	};
	char text[ANSWER_MAX];
	int r = ask(m, "state", module, text);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(text, words[i]))
			continue;
		*out = (enum host_module)i;
		return 0;
	}
	return -EPROTO;
}

/**
 * host_module_signed() - has the module's file a signature, and those of what it needs?
 * @module:	its name; what is loaded already counts as signed
 *
 * Whether the kernel trusts its key is not asked.
 *
 * Return: 1 or 0; -errno
 */
int host_module_signed(struct host_modules *m, const char *module)
{
	char text[ANSWER_MAX];
	int r = ask(m, "signed", module, text);

	return r < 0 ? r : !strcmp(text, "yes");
}

/**
 * host_module_variant() - the vfio driver that fits a device most closely
 * @modalias:	as the device's attribute has it: "pci:v..."
 * @driver:	receives the driver's name; "vfio-pci" when nothing fits more closely
 *
 * Return: 0 or -errno
 */
int host_module_variant(struct host_modules *m, const char *modalias, char *driver, size_t size)
{
	char text[ANSWER_MAX];
	int r = ask(m, "variant", modalias, text);

	(void)snprintf(driver, size, "%s", r < 0 || !*text ? "vfio-pci" : text);
	return r;
}

/**
 * host_module_names() - the modules whose aliases match a device
 * @modalias:	as the device's attribute has it
 * @names:	receives at most @room names, each once
 *
 * Return: how many, or -errno
 */
int host_module_names(struct host_modules *m, const char *modalias, char (*names)[HOST_MODULE_NAME],
		      size_t room)
{
	char text[ANSWER_MAX], *save = NULL;
	int r = ask(m, "names", modalias, text);
	size_t count = 0;

	if (r < 0)
		return r;
	for (char *w = strtok_r(text, " ", &save); w && count < room; w = strtok_r(NULL, " ", &save))
		(void)snprintf(names[count++], HOST_MODULE_NAME, "%s", w);
	return (int)count;
}
