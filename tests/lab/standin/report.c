// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report.c - the jail as the stand-in sees it from inside, one fact a line
 *
 * Every line is `jail: KEY: VALUE`, so that scenarios can grep for one. Nothing here needs
 * /proc: a jail may have none.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/lab/standin/standin.h"

static void report_ids(FILE *out)
{
	gid_t group[64];
	uid_t r, e, s;
	int count = getgroups(64, group);

	(void)getresuid(&r, &e, &s);
	fprintf(out, "jail: uid: %u %u %u\n", r, e, s);
	(void)getresgid(&r, &e, &s);
	fprintf(out, "jail: gid: %u %u %u\njail: groups:", r, e, s);
	for (int i = 0; i < count; i++)
		fprintf(out, " %u", group[i]);
	fprintf(out, "\njail: pid: %d\njail: ppid: %d\njail: sid: %d\n", getpid(), getppid(),
		getsid(0));
}

static void report_privileges(FILE *out)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };
	int bounding = 0;

	(void)syscall(SYS_capget, &header, data);
	for (int i = 0; i < 64; i++)
		bounding += prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1;
	fprintf(out,
		"jail: capabilities: effective %08x%08x permitted %08x%08x inheritable %08x%08x\n",
		data[1].effective, data[0].effective, data[1].permitted, data[0].permitted,
		data[1].inheritable, data[0].inheritable);
	fprintf(out, "jail: capabilities in the bounding set: %d\n", bounding);
	fprintf(out, "jail: no_new_privs: %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	fprintf(out, "jail: seccomp: %d\n", prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
	fprintf(out, "jail: dumpable: %d\n", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
}

static void report_descriptors(FILE *out)
{
	struct stat st;

	for (int fd = 0; fd < 1024; fd++)
		if (fd != fileno(out) && fstat(fd, &st) == 0)
			fprintf(out, "jail: fd: %d type %06o%s\n", fd, st.st_mode & S_IFMT,
				fcntl(fd, F_GETFD) & FD_CLOEXEC ? " cloexec" : "");
	if (fileno(out) == 2)
		fprintf(out, "jail: fd: 2\n");
}

static void report_folder(FILE *out, const char *folder, int depth)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	struct stat st;
	char path[512];

	while (dir && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(path, sizeof(path), "%s/%s", strcmp(folder, "/") ? folder : "",
			 entry->d_name);
		if (lstat(path, &st) < 0)
			continue;
		fprintf(out, "jail: path: %s %06o %u:%u rdev %u:%u\n", path, st.st_mode, st.st_uid,
			st.st_gid, major(st.st_rdev), minor(st.st_rdev));
		if (depth > 0 && S_ISDIR(st.st_mode))
			report_folder(out, path, depth - 1);
	}
	if (dir)
		closedir(dir);
}

static void report_limits(FILE *out)
{
	static const struct {
		const char *name;
		unsigned int which;
	} limits[] = { { "memlock", RLIMIT_MEMLOCK },
		       { "core", RLIMIT_CORE },
		       { "nofile", RLIMIT_NOFILE },
		       { "nproc", RLIMIT_NPROC },
		       { "fsize", RLIMIT_FSIZE } };
	struct rlimit limit;

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (getrlimit((__rlimit_resource_t)limits[i].which, &limit) == 0)
			fprintf(out, "jail: limit: %s %lld %lld\n", limits[i].name,
				(long long)limit.rlim_cur, (long long)limit.rlim_max);
}

static void report_namespaces(FILE *out)
{
	static const char *const names[] = { "cgroup", "ipc", "mnt", "net", "pid", "user", "uts" };
	char path[64], target[64];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		ssize_t length;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		length = readlink(path, target, sizeof(target) - 1);
		if (length > 0)
			fprintf(out, "jail: namespace: %.*s\n", (int)length, target);
	}
	snprintf(path, sizeof(path), "?");
	(void)gethostname(path, sizeof(path));
	fprintf(out, "jail: hostname: %s\n", path);
}

/* What must not be possible: each line has the result of the attempt. */
static void report_attempts(FILE *out)
{
	static const char *const paths[] = { "/etc/passwd",     "/root",         "/home",
					     "/proc/1/environ", "/run/vfio-run", "/sys/kernel",
					     "/dev/mem" };
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		fprintf(out, "jail: open: %s %s\n", paths[i], fd < 0 ? strerror(errno) : "allowed");
		if (fd >= 0)
			close(fd);
	}
	fd = open("/usr/written-by-the-stand-in", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	fprintf(out, "jail: write: /usr %s\n", fd < 0 ? strerror(errno) : "allowed");
	if (fd >= 0)
		close(fd);
}

void report(const char *file)
{
	FILE *out = file ? fopen(file, "we") : stderr;
	char cwd[256] = "?";
	mode_t mask;

	if (!out) {
		perror(file);
		return;
	}
	report_ids(out);
	report_privileges(out);
	report_descriptors(out);
	report_folder(out, "/", 0);
	report_folder(out, "/dev", 2);
	report_limits(out);
	report_namespaces(out);
	report_attempts(out);
	if (!getcwd(cwd, sizeof(cwd)))
		snprintf(cwd, sizeof(cwd), "? %s", strerror(errno));
	mask = umask(0);
	(void)umask(mask);
	fprintf(out, "jail: cwd: %s\njail: umask: %04o\n", cwd, mask);
	for (char **variable = environ; *variable; variable++)
		fprintf(out, "jail: environment: %s\n", *variable);
	fprintf(out, "jail: end\n");
	if (file)
		fclose(out);
}
