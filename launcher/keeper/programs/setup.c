/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setup.c - prepares a host for vfio-run: the one program that writes to /etc
 *
 * usage: setup [--root DIR] apply DIGEST NEED...
 *	  setup [--root DIR] undo
 *
 * Started by `vfio-run setup`, which has shown the steps and asked. It takes needs, not steps:
 * what they mean here it works out by itself (launcher/setup), and it goes on only when that has
 * the digest of what was shown. Files and tools beyond the lists of launcher/setup/plan.c it
 * neither writes nor executes, whatever it is told. --root is for tests.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "launcher/base/log.h"
#include "launcher/keeper/handover.h"
#include "launcher/keeper/programs/setup.h"

static int bad_use(void)
{
	log_error("usage: setup [--root DIR] apply DIGEST NEED... | undo");
	return EXIT_BAD_USE;
}

static int apply(int root, const char *root_path, char **argv)
{
	static struct setup_need need[SETUP_NEEDS_MAX];
	size_t count = 0;

	if (!argv[0])
		return bad_use();
	for (char **word = argv + 1; *word; word++) {
		char quoted[SETUP_WORD_MAX * 4];

		if (count == SETUP_NEEDS_MAX || !setup_need_parse(*word, &need[count])) {
			log_error("%s: no need that is known",
				  log_quote(*word, quoted, sizeof(quoted)));
			return EXIT_BAD_USE;
		}
		count++;
	}
	return setup_apply(root, root_path, argv[0], need, count);
}

int main(int argc, char **argv)
{
	const char *root_path = "/";
	cleanup_close int root = -1;
	char **word = argv + (argc > 0);

	if (*word && !strcmp(*word, "--root") && word[1]) {
		root_path = word[1];
		word += 2;
	}
	if (!*word)
		return bad_use();
	(void)signal(SIGPIPE, SIG_IGN);
	log_fit_terminal();
	(void)umask(022);
	root = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) {
		log_error("%s: %s", root_path, strerror(errno));
		return EXIT_HOST;
	}
	if (!strcmp(*word, "apply"))
		return apply(root, root_path, word + 1);
	if (!strcmp(*word, "undo") && !word[1])
		return setup_undo(root, root_path);
	return bad_use();
}
