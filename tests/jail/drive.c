// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drive.c - runs a program in the keeper's own jail, with QEMU's filter, without a VM
 *
 * usage: drive [-u UID] [-n] [-l] [-F] [-r FILE]... [-w FILE]... PROGRAM [ARGUMENT]...
 *
 *   -n  the host's network, as a card with `mode = user` needs it
 *   -l  sandbox = log      -F  no filter
 *   -r  a file in the jail, to be read; -w to be written too; in the order of their names
 *
 * As root, anywhere: nothing of the host is changed. Output and exit status are the
 * program's; 128 and the number when a signal ended it; 125 when it was not executed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/keeper/jail.h"
#include "launcher/plan/filter.h"

static const struct keeper_node nodes[] = {
	{ "null", 0, 1, 3 }, { "zero", 0, 1, 5 }, { "full", 0, 1, 7 },
	{ "random", 0, 1, 8 }, { "urandom", 0, 1, 9 },
};

static struct keeper_file file[KEEPER_FILES_MAX];
static char *path[KEEPER_FILES_MAX + 1];

static int finish(struct jailed *j)
{
	struct jail_failure f;
	int status;

	if (jail_let_go(j) && errno != EPIPE)
		perror("drive: letting it go");
	if (waitpid(j->pid, &status, 0) != j->pid)
		return 125;
	if (jail_failure(j, &f)) {
		fprintf(stderr, "drive: %s: %s\n", f.step, strerror(f.error));
		return 125;
	}
	jail_forget(j);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	static char home[] = "HOME=/", locale[] = "LC_ALL=C.UTF-8", search[] = "PATH=/usr/bin:/bin";
	char *env[] = { search, home, locale, NULL };
	struct filter_request request = { .needs = 0 };
	struct jail jail = { .uid = 65534, .gid = 65534, .namespaces = true, .private_network = true,
			     .memlock_bytes = 64 << 10, .node = nodes,
			     .node_count = sizeof(nodes) / sizeof(*nodes), .file = file,
			     .file_path = path, .input = -1, .output = 1, .errors = 2, .program = -1,
			     .env = env };
	bool filtered = true;
	struct jailed j;
	int option, rc;

	while ((option = getopt(argc, argv, "+u:nlFr:w:")) >= 0) {
		switch (option) {
		case 'u':
			jail.uid = jail.gid = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'n':
			jail.private_network = false;
			request.needs |= FILTER_NETWORK;
			break;
		case 'l':
			request.log = true;
			break;
		case 'F':
			filtered = false;
			break;
		case 'w':
			file[jail.file_count].flags = KEEPER_FILE_WRITABLE;
			/* fall through */
		case 'r':
			path[jail.file_count++] = optarg;
			break;
		default:
			return 2;
		}
	}
	if (optind == argc)
		return 2;
	jail.argv = argv + optind;
	rc = filtered ? filter_compile(&request, &jail.filter) : 0;
	if (!rc)
		rc = jail_start(&jail, &j);
	if (rc) {
		fprintf(stderr, "drive: %s\n", strerror(-rc));
		return 125;
	}
	return finish(&j);
}
