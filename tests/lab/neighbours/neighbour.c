/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * neighbour.c - a program that uses libc as those of a desktop do, and sleeps
 *
 * usage: neighbour
 *
 * What of libc is in memory because of other programs costs ours nothing. The lab's own are static;
 * which part of libc the others use would depend on the machine (its name services, its Perl).
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <fnmatch.h>
#include <glob.h>
#include <locale.h>
#include <poll.h>
#include <pwd.h>
#include <regex.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void text(void)
{
	const char *words[] = { "c", "a", "b" };
	char line[256], name[32];
	unsigned int x, y;
	int n, d;
	double f;
	regex_t r;

	(void)snprintf(line, sizeof(line), "%s %5d %#x %.3f %zu %c\n", "text", -1, 255u, 1.5, sizeof(line), 'x');
	(void)sscanf("0000:01:00.0 7 1.5 word [x] -3", "%x:%x:%*x.%*d %d %lf %31s [%*[^]]] %n", &x, &y, &n, &f, name, &d);
	(void)sscanf("a=7 b", "%31[^=]=%u %c", name, &x, line);
	qsort(words, 3, sizeof(*words), compare);
	(void)strtod("1.25", NULL);
	(void)strtoull("0x12", NULL, 16);
	(void)strerror(2);
	(void)strcasecmp(name, "A");
	(void)strtok(line, " ");
	if (!regcomp(&r, "^[a-z]+ *=", REG_EXTENDED)) {
		(void)regexec(&r, "a = b", 0, NULL, 0);
		regfree(&r);
	}
	(void)fnmatch("*.so", "libc.so", 0);
}

static void files(void)
{
	char *line = NULL, path[64] = "/tmp/neighbour-XXXXXX";
	int fd = mkstemp(path);
	size_t size = 0;
	struct stat st;
	glob_t g;
	FILE *f = fopen("/proc/self/status", "re");
	DIR *dir = opendir("/proc/self");

	while (f && getline(&line, &size, f) > 0)
		continue;
	while (dir && readdir(dir))
		continue;
	if (f)
		(void)fclose(f);
	if (dir)
		(void)closedir(dir);
	free(line);
	(void)stat("/", &st);
	free(realpath("/proc/self/exe", NULL));
	if (!glob("/proc/self/*", 0, NULL, &g))
		globfree(&g);
	if (fd >= 0)
		(void)close(fd);
	(void)unlink(path);
}

static void others(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "/run/none" };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), w = inotify_init1(IN_CLOEXEC);
	char *argv[] = { "true", NULL }, *none[] = { NULL }, when[64];
	time_t now = time(NULL);
	struct tm *t = localtime(&now);
	struct pollfd p = { w, POLLIN, 0 };
	pid_t child;

	(void)connect(s, (struct sockaddr *)&a, sizeof(a));
	(void)inet_addr("127.0.0.1");
	(void)getpwuid(getuid());
	if (t)
		(void)strftime(when, sizeof(when), "%F %T", t);
	if (!posix_spawnp(&child, "true", NULL, NULL, argv, none))
		(void)waitpid(child, NULL, 0);
	(void)poll(&p, 1, 1);
	(void)close(s);
	(void)close(w);
}

int main(void)
{
	(void)setlocale(LC_ALL, "");
	text();
	files();
	others();
	for (;;)
		(void)pause();
}
