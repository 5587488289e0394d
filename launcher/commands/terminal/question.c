/* SPDX-License-Identifier: GPL-2.0-or-later */
/* question.c - a yes or a no from the terminal; without one, and without -y, it is a no */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/terminal/question.h"

/**
 * question_yes() - ask on the terminal itself: stdin may be something else
 * @text:	without its question mark
 *
 * Return: true for a yes, and with -y
 */
bool question_yes(const struct cli *cli, const char *text)
{
	cleanup_close int tty = -1;
	char answer[16] = "";
	ssize_t n;

	if (cli->yes)
		return true;
	tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty < 0) {
		log_error("there is no terminal to ask on: `-y` answers yes");
		return false;
	}
	(void)dprintf(tty, "%s? [y/N] ", text);
	n = read(tty, answer, sizeof(answer) - 1);
	return n > 0 && (answer[0] == 'y' || answer[0] == 'Y');
}
