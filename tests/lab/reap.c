// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * reap.c - process 1 of the lab: runs one program, collects orphans, powers off
 *
 * A shell as process 1 leaves zombies, which the fingerprint would have to guess about.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	pid_t program, ended;

	if (argc < 2)
		return 2;
	program = fork();
	if (program == 0) {
		(void)setsid();
		execv(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	do
		ended = wait(NULL);
	while (ended != program && program > 0);
	if (getpid() != 1)
		return 0;
	sync();
	(void)reboot(RB_POWER_OFF);
	return 1;
}
