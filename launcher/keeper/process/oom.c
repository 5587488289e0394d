/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oom.c - which processes the OOM killer spares
 *
 * The keeper and its standby are small and needed for the revert; QEMU is what took the memory.
 * A score is inherited, so whatever the keeper starts gets back what the shell had.
 * Source: Documentation/filesystems/proc.rst, 3.1
 */
#include <fcntl.h>
#include <linux/oom.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/keeper/process/oom.h"

static const char score_file[] = "/proc/self/oom_score_adj";

/* As it was found, for all processes but keeper and standby. */
static char found[16];

static void write_score(const char *text)
{
	cleanup_close int fd = open(score_file, O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)!write(fd, text, strlen(text)); /* best effort */
}

/** oom_protect() - this process, and whatever it forks, is the last to be killed */
void oom_protect(void)
{
	cleanup_close int fd = open(score_file, O_RDONLY | O_CLOEXEC);
	char text[16];
	ssize_t n = fd < 0 ? 0 : read(fd, found, sizeof(found) - 1);

	found[n > 0 ? n : 0] = '\0';
	(void)snprintf(text, sizeof(text), "%d", OOM_SCORE_ADJ_MIN);
	if (*found)
		write_score(text);
}

/** oom_unprotect() - in a child: as killable as the shell's other children; needs no privilege */
void oom_unprotect(void)
{
	if (*found)
		write_score(found);
}
