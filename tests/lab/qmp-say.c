// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qmp-say.c - sends QMP commands and prints the answers, for scenarios without vfio-run
 *
 * usage: qmp-say COMMAND... -- PROGRAM ARGUMENT...   starts the program with the monitor as
 *                                                    descriptor 3, ends with its status
 *        qmp-say -c PATH COMMAND...                  a UNIX socket or a terminal device
 *
 * A command is JSON ({"execute":"cont"}) or a bare word. The next one is sent when the one
 * before was answered. `wait:EVENT` waits for an event instead.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/*
 * Read by the stream, written by the descriptor: a stream that turns from reading to writing gives back what it
 * has read ahead, by lseek(). A terminal or a socket cannot, and the command was lost behind an event.
 */
static FILE *monitor;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* Prints lines until one has the word in it; false at the end of the connection. */
static bool read_until(const char *word)
{
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	while (!found && getline(&line, &room, monitor) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line)
			puts(line);
		found = strstr(line, word);
	}
	fflush(stdout);
	free(line);
	return found;
}

/* The answer is known by its id: a line that was open before may hold older ones. */
static bool say(const char *command)
{
	static unsigned int last;
	char id[32];
	int sent;

	if (!strncmp(command, "wait:", 5))
		return read_until(command + 5);
	snprintf(id, sizeof(id), "\"say-%u\"", ++last);
	if (command[0] == '{')
		sent = dprintf(fileno(monitor), "{\"id\": %s, %s\r\n", id, command + 1);
	else
		sent = dprintf(fileno(monitor), "{\"execute\": \"%s\", \"id\": %s}\r\n", command, id);
	return sent > 0 && read_until(id);
}

static int start(char **program, pid_t *child)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		die("socketpair");
	*child = fork();
	if (*child < 0)
		die("fork");
	if (*child == 0) {
		if (pair[1] == 3)
			(void)fcntl(3, F_SETFD, 0);
		else
			(void)dup2(pair[1], 3);
		execvp(program[0], program);
		perror(program[0]);
		_exit(127);
	}
	close(pair[1]);
	return pair[0];
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct termios raw;
	struct stat st;
	int fd;

	if (stat(path, &st) < 0)
		die(path);
	if (S_ISSOCK(st.st_mode)) {
		snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
			die(path);
		return fd;
	}
	fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || tcgetattr(fd, &raw) < 0)
		die(path);
	cfmakeraw(&raw);
	/* the terminal may have echoed the greeting: 0xff makes QEMU's parser start afresh */
	if (tcsetattr(fd, TCSANOW, &raw) < 0 || write(fd, "\xff\n", 2) != 2)
		die(path);
	return fd;
}

int main(int argc, char **argv)
{
	bool connected = argc > 2 && !strcmp(argv[1], "-c");
	int first = connected ? 3 : 1, last = first, status = 0, fd;
	pid_t child = -1;

	while (last < argc && strcmp(argv[last], "--"))
		last++;
	if (!connected && last + 1 >= argc) {
		fprintf(stderr,
			"usage: qmp-say COMMAND... -- PROGRAM ARGUMENT... | -c PATH COMMAND...\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	fd = connected ? connect_to(argv[2]) : start(argv + last + 1, &child);
	monitor = fdopen(fd, "r");
	if (!monitor)
		die("fdopen");
	/* a monitor that was greeted before, on a line that stays open, does not greet again */
	if (!connected && !read_until("\"QMP\""))
		fprintf(stderr, "qmp-say: no greeting\n");
	for (int i = first; i < last; i++)
		if (!say(argv[i])) {
			fprintf(stderr, "qmp-say: the monitor closed at: %s\n", argv[i]);
			status = 1;
			break;
		}
	if (connected)
		return status;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
