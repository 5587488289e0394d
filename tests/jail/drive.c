// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drive.c - runs a program in the keeper's own jail, with QEMU's filter, without a VM
 *
 * usage: drive [-u UID] [-n] [-l] [-F] [-q] [-r FILE]... [-w FILE]... [-a COMMAND]...
 *              [-m FILE -t TEXT] [-c FILE] [-s PATH] [-i FILE] PROGRAM [ARGUMENT]...
 *
 *   -n  the host's network, as a card with `mode = user` needs it
 *   -l  sandbox = log      -F  no filter
 *   -q  it is a QEMU, with its monitor on descriptor 3: asked whether it is ready, looked at
 *       as the keeper looks at it, its guest started, and soon sent `quit`
 *   -a  with -q: a QMP command, whose answer is printed behind "answer: "
 *   -m  with -q: the guest's first 64 MiB are saved into FILE until they hold the TEXT of -t
 *   -c  with -q: until that file is changed
 *   -s  descriptor 4 is a socket that listens at PATH; it is connected to once the guest runs
 *   -i  descriptor 5 is a nameless copy of FILE
 *   -r  a file in the jail, to be read; -w to be written too; in the order of their names
 *
 * As root, anywhere: nothing of the host is changed. Output and exit status are the
 * program's; 128 and the number when a signal ended it; 125 when it was not executed, 124
 * when the host's mounts or its name have.
 */
#include <errno.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/keeper/jail/jail.h"
#include "launcher/plan/programs/filter-memfd.h"

#define SHARED_MEMORY 0x76667230 /* the probe looks for it */

static const struct keeper_node nodes[] = {
	{ .path = "null", .major = 1, .minor = 3 },   { .path = "zero", .major = 1, .minor = 5 },
	{ .path = "full", .major = 1, .minor = 7 },   { .path = "random", .major = 1, .minor = 8 },
	{ .path = "urandom", .major = 1, .minor = 9 },
};

static struct keeper_file file[KEEPER_FILES_MAX];
static char *path[KEEPER_FILES_MAX + 1];

/* Those that a service or pam_cap(8) can leave: each exec would keep them. */
static void make_capabilities_ambient(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return;
	for (int i = 0; i < 2; i++)
		data[i].inheritable = data[i].permitted;
	if (syscall(SYS_capset, &header, data))
		return;
	for (int cap = 0; cap < 64; cap++)
		(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
}

/*
 * As a keeper can be started, and more: descriptors without close-on-exec, signals blocked,
 * capabilities that an exec keeps.
 */
static void be_a_hostile_parent(void)
{
	sigset_t all;

	make_capabilities_ambient();
	for (int fd = 20; fd < 120; fd += 7)
		(void)dup2(2, fd);
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)shmget(SHARED_MEMORY, 4096, IPC_CREAT | 0666);
	(void)syscall(SYS_add_key, "user", "vfio-run-probe", "x", 1, KEY_SPEC_SESSION_KEYRING);
	(void)!chdir("/tmp");
	(void)umask(0);
}

static void clean_up(void)
{
	int memory = shmget(SHARED_MEMORY, 0, 0);
	long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user",
			   "vfio-run-probe", 0);

	if (memory >= 0)
		(void)shmctl(memory, IPC_RMID, NULL);
	if (key >= 0)
		(void)syscall(SYS_keyctl, KEYCTL_UNLINK, key, KEY_SPEC_SESSION_KEYRING);
}

/* Every mount of the host's, and its name, in one number. */
static unsigned long host(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	unsigned long sum = 5381;
	char name[65] = "";
	int c;

	(void)gethostname(name, sizeof(name) - 1);
	for (const char *n = name; *n; n++)
		sum = sum * 33 + (unsigned char)*n;
	while (f && (c = fgetc(f)) != EOF)
		sum = sum * 33 + (unsigned long)c;
	if (f)
		fclose(f);
	return sum;
}

/* The pipe's end is the exec: which must not be before it is let go. */
static bool is_parked(const struct jailed *j)
{
	struct pollfd p = { .fd = j->failure, .events = POLLIN };

	return poll(&p, 1, 100) == 0 || p.revents & POLLIN;
}

/* Until @word is there; false: the end, or 60 seconds of silence. */
static bool hear(int monitor, const char *word)
{
	static char text[1 << 16];
	struct pollfd p = { .fd = monitor, .events = POLLIN };
	size_t used = 0;

	while (used < sizeof(text) - 1 && poll(&p, 1, 60000) > 0) {
		ssize_t n = read(monitor, text + used, sizeof(text) - 1 - used);

		if (n <= 0)
			return false;
		used += (size_t)n;
		text[used] = '\0';
		if (strstr(text, word))
			return true;
	}
	return false;
}

static bool ask(int monitor, const char *command, const char *word)
{
	dprintf(monitor, "{\"execute\":\"%s\"}\n", command);
	return hear(monitor, word);
}

static char *asked[64];
static size_t asked_count;
static const char *memory_file, *memory_text;

/* The line with our id, to its end; the answers to commands before it have none. */
static char *own_line(char *text)
{
	char *line = strstr(text, "\"id\": \"asked\"");

	if (!line || !strchr(line, '\n'))
		return NULL;
	while (line > text && line[-1] != '\n')
		line--;
	return line;
}

static bool print_answer(int monitor, const char *command)
{
	static char text[1 << 20];
	struct pollfd p = { .fd = monitor, .events = POLLIN };
	size_t used = 0;

	dprintf(monitor, "{\"id\":\"asked\",%s\n", command + 1);
	while (used < sizeof(text) - 1 && poll(&p, 1, 60000) > 0) {
		ssize_t n = read(monitor, text + used, sizeof(text) - 1 - used);
		char *line;

		if (n <= 0)
			return false;
		used += (size_t)n;
		text[used] = '\0';
		line = own_line(text);
		if (line) {
			printf("answer: %s", line);
			(void)fflush(stdout);
			return true;
		}
	}
	return false;
}

static bool memory_holds(const char *file_name, const char *text)
{
	FILE *f = fopen(file_name, "re");
	static char bytes[64 << 20];
	size_t n = f ? fread(bytes, 1, sizeof(bytes), f) : 0;

	if (f)
		fclose(f);
	return memmem(bytes, n, text, strlen(text)) != NULL;
}

/*
 * Firmware and guest write it when they come to it: waited for up to a minute. The answer is known
 * by its id: another command's would let a file be read that QEMU still writes.
 */
static bool find_in_memory(int monitor)
{
	for (int i = 0; i < 300; i++) {
		dprintf(monitor, "{\"id\":\"saved\",\"execute\":\"pmemsave\",\"arguments\":{\"val\":0,"
				 "\"size\":%d,\"filename\":\"%s\"}}\n", 64 << 20, memory_file);
		if (!hear(monitor, "\"id\": \"saved\""))
			return false;
		if (memory_holds(memory_file, memory_text))
			return true;
		(void)poll(NULL, 0, 200);
	}
	return false;
}

static const char *socket_path;

static int listening(const char *at)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", at);
	(void)unlink(at);
	return fd >= 0 && !bind(fd, (void *)&address, sizeof(address)) && !listen(fd, 1) ? fd : -1;
}

static int copy_of(const char *from)
{
	int fd = memfd_create("settings", MFD_CLOEXEC);
	char text[512];
	FILE *f = fopen(from, "re");
	size_t n = f ? fread(text, 1, sizeof(text), f) : 0;

	if (f)
		fclose(f);
	return fd >= 0 && write(fd, text, n) == (ssize_t)n && !fchmod(fd, 0444) ? fd : -1;
}

/* Taken by QEMU, which then reports it as connected. */
static bool is_answered(int monitor)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool taken = false;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	for (int i = 0; !connect(fd, (void *)&address, sizeof(address)) && i < 1; i++)
		for (int tries = 0; !taken && tries < 100; tries++) {
			static char text[1 << 14];
			ssize_t n;

			dprintf(monitor, "{\"execute\":\"query-chardev\"}\n");
			(void)poll(NULL, 0, 50);
			n = recv(monitor, text, sizeof(text) - 1, MSG_DONTWAIT);
			text[n > 0 ? n : 0] = '\0';
			taken = strstr(text, "agent") && !strstr(text, "disconnected:unix");
		}
	(void)close(fd);
	return taken;
}

static const char *changing_file;
static unsigned long changing_sum;

static unsigned long sum_of(const char *file_name)
{
	FILE *f = fopen(file_name, "re");
	unsigned long sum = 5381;
	int c;

	while (f && (c = fgetc(f)) != EOF)
		sum = sum * 33 + (unsigned long)c;
	if (f)
		fclose(f);
	return sum;
}

static bool is_changed(void)
{
	for (int i = 0; i < 600 && sum_of(changing_file) == changing_sum; i++)
		(void)poll(NULL, 0, 200);
	return sum_of(changing_file) != changing_sum;
}

/* 0, or 123 when it is not as it should be. */
static int run_qemu(const struct jailed *j, int monitor, unsigned int filters)
{
	const char *wrong;

	if (!ask(monitor, "qmp_capabilities", "\"return\"")) {
		fprintf(stderr, "drive: it does not get ready\n");
		return 123;
	}
	wrong = jail_wrong(j, filters);
	if (wrong)
		fprintf(stderr, "drive: %s\n", wrong);
	if (wrong || !ask(monitor, "cont", "\"RESUME\""))
		return 123;
	(void)poll(NULL, 0, 300);
	if (memory_file && !find_in_memory(monitor)) {
		fprintf(stderr, "drive: the guest's memory does not hold: %s\n", memory_text);
		return 123;
	}
	if (changing_file && !is_changed()) {
		fprintf(stderr, "drive: the guest does not write to %s\n", changing_file);
		return 123;
	}
	if (socket_path && !is_answered(monitor)) {
		fprintf(stderr, "drive: nobody answers at %s\n", socket_path);
		return 123;
	}
	for (size_t i = 0; i < asked_count; i++)
		if (!print_answer(monitor, asked[i]))
			return 123;
	if (!ask(monitor, "query-status", "\"running\"") || !ask(monitor, "quit", "\"return\"")) {
		fprintf(stderr, "drive: its guest does not run\n");
		return 123;
	}
	return 0;
}

static int finish(struct jailed *j, int monitor, unsigned int filters)
{
	int ran = 0;
	struct jail_failure f;
	bool built = jail_built(j, &f) == 0;
	int status;

	if (built && jail_devices_ready(j)) /* there are none */
		perror("drive: letting it see its devices");
	if (built && !is_parked(j)) {
		fprintf(stderr, "drive: it did not wait until it was let go\n");
		ran = 122;
	}
	if (jail_let_go(j) && errno != EPIPE)
		perror("drive: letting it go");
	if (monitor >= 0 && !ran)
		ran = run_qemu(j, monitor, filters);
	if (ran)
		(void)kill(j->pid, SIGKILL);
	if (waitpid(j->pid, &status, 0) != j->pid)
		return 125;
	if (!built || jail_failure(j, &f)) {
		fprintf(stderr, "drive: %s: %s\n", f.step, strerror(f.error));
		return 125;
	}
	jail_forget(j);
	if (ran)
		return ran;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	static char home[] = "HOME=/", locale[] = "LC_ALL=C.UTF-8", search[] = "PATH=/usr/bin:/bin";
	char *env[] = { search, home, locale, NULL };
	struct filter_request request = { .needs = 0 };
	struct jail jail = { .uid = 65534,
			     .gid = 65534,
			     .leaf = -1,
			     .profile = jail_profile(KEEPER_JAIL_VM),
			     .private_network = true,
			     .memlock_bytes = 64 << 10,
			     .node = nodes,
			     .node_count = sizeof(nodes) / sizeof(*nodes),
			     .file = file,
			     .file_path = path,
			     .input = -1,
			     .output = 1,
			     .errors = 2,
			     .program = -1,
			     .env = env };
	bool filtered = true;
	unsigned long before;
	int pair[2] = { -1, -1 }, pass[3] = { -1, -1, -1 };
	struct jailed j;
	int option, rc;

	while ((option = getopt(argc, argv, "+u:nlFqr:w:a:m:t:c:s:i:")) >= 0) {
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
		case 'q':
			if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
				return 125;
			pass[0] = pair[1];
			jail.pass = pass;
			jail.pass_count = 3;
			break;
		case 'a':
			if (asked_count == sizeof(asked) / sizeof(*asked))
				return 2;
			asked[asked_count++] = optarg;
			break;
		case 'm':
			memory_file = optarg;
			break;
		case 's':
			socket_path = optarg;
			pass[1] = listening(optarg);
			break;
		case 'i':
			pass[2] = copy_of(optarg);
			break;
		case 'c':
			changing_file = optarg;
			changing_sum = sum_of(optarg);
			break;
		case 't':
			memory_text = optarg;
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
	be_a_hostile_parent();
	before = host();
	rc = filtered ? filter_compile(&request, &jail.filter) : 0;
	if (!rc)
		rc = jail_start(&jail, &j);
	if (rc) {
		fprintf(stderr, "drive: %s\n", strerror(-rc));
		return 125;
	}
	if (pair[1] >= 0)
		(void)close(pair[1]);
	rc = finish(&j, pair[0], filtered ? 2 : 0);
	clean_up();
	if (before != host()) {
		fprintf(stderr, "drive: the host's mounts or its name have changed\n");
		return 124;
	}
	return rc;
}
