// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - the crash matrix: a command again and again, each time with a fault at another of
 * its keeper's system calls, and a look whether all came back
 *
 * usage: matrix [OPTION]... -- COMMAND...
 *   -j JOB      faults are for the keeper of that job: run (default), detach, attach, recover
 *   -w WHO:N,.. whose calls, and that one of N of them kills, drawn with a fixed seed (-s SEED):
 *               keeper:1 (default), standby, worker, or the name of another process that it started
 *   -c CALLS    only calls whose names are in that list, e.g. write,sendto
 *   -e N        one of N errors too: each call fails with each error that it can return
 *   -m START    the keeper's points count from the first call on whose name and path hold that,
 *               e.g. the journal's opening "demo.journal+" (+: created); -B: only those before
 *   -k PERCENT  the keeper is killed first, at that part of its points: WHO goes on after it,
 *               and points are the calls after it has waked
 *   -n I/N      every Nth of the faults, beginning with the Ith: shards
 *   -x CODES    exit codes that are right after an error, as digits (default 01345), -z CODES
 *               after a kill of another process than the keeper (default 0)
 *   -b BEFORE, -a AFTER, -r RECOVER     shell text: before each command; after it, to come back
 *               from what the command does on purpose; what brings back after exit code 5, and
 *               after a second death
 *   -R N        instead of all that: N runs, each with signals -G SIGNALS (KILL; TERM,TERM ...) at a
 *               random instant, within -W MS from the start or from when its output holds -O TEXT
 *   -H          instead of -e: a worker is held before each of its writes, and the keeper killed
 *   -P POINTS   of all faults that there are (N counts for nothing, but for 0) so many, evenly over
 *               all; -o NUMBER: each others, and all in turn when it counts up, as commits do
 *   -q          ends with the first violation
 *   -F          who writes down the command's words is waited for only after AFTER: until then
 *               nothing may come of that
 *   -T SECONDS  how long a command and all that it leaves behind may take (120)
 *
 * There is no help after a fault: all processes that the command has left behind are waited for,
 * then the fingerprint has to be what it was. A point counts only when the tracer has seen the
 * process die of it, or the call return it; one that was not reached is a failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher/keeper/handover.h"
#include "tests/lab/matrix/driver.h"

#define FAULT_COUNT_MAX 100000
#define PATIENCE_MS 30000 /* sound cards come some time after their driver */
#define MOMENT_MS 300	  /* when the next command may be needed anyway */
#define TRIES 15 /* how many records come at once, and so a count, is a matter of luck */

static struct {
	const char *start, *before, *after, *recover, *calls, *error_codes, *kill_codes;
	char *who;
	bool until_start, hold, quick;
	int percent;
	unsigned int points, rotation, errors, shard, shards, seed;
	char **command;
	struct instants instants;
} option = { .start = "", .error_codes = "01345", .kill_codes = "0", .percent = -1,
	     .shard = 1, .shards = 1, .seed = 20,
	     .instants = { .signals = (char[]){ "KILL" }, .spread_ms = 1000 } };

static struct spec spec;
static struct fault faults[FAULT_COUNT_MAX];
static size_t fault_count;
static unsigned int injected, violations, left, by_next, never_made;

/* ---- the points ------------------------------------------------------------------------- */

static void write_spec(void)
{
	int fd = open(SPEC_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)unlink(LOG_FILE);
	if (fd < 0 || write(fd, &spec, sizeof(spec)) != (ssize_t)sizeof(spec))
		die(SPEC_FILE);
	(void)close(fd);
}

static int command(void)
{
	int status;

	if (option.before && shell(option.before, 0) != 0)
		printf("# matrix: what goes before failed: %s\n", option.before);
	write_spec();
	status = run(option.command, OUTPUT);
	(void)unlink(SPEC_FILE);
	return status;
}

static void show(const char *what)
{
	printf("# matrix: NOT AS BEFORE after %s\n", what);
	(void)fflush(stdout);
	(void)system("timeout 5 diff " WANTED " " FOUND " | sed 's/^/#   /'; tail -n 6 " OUTPUT
		     " | sed 's/^/#   | /'; tail -n 4 /tmp/lab/matrix.shell 2>/dev/null | sed 's/^/#   > /'");
}

static bool settle(int status);

/* One run without a fault of the kind that is looked for; its log stays. */
static void plain_run(bool with_kill)
{
	int status;

	spec.trace = true;
	spec.count = with_kill ? 1 : 0;
	status = command();
	spec.trace = false;
	spec.count = 0;
	if (!settle(status)) {
		printf("# matrix: without a fault: exit code %d\n", code_of(status));
		show("a run without a fault");
		exit(1);
	}
}

/* The points of one process that both of two plain runs had. */
static size_t common_points(const char *who, const char *first, const char *second, struct point *a)
{
	static struct point b[POINTS_MAX];
	const char *start = !strcmp(who, "keeper") ? option.start : option.percent >= 0 ? "poll" : "";
	char path[PATH_LENGTH];
	size_t n, m;

	path_of(first, who, path);
	n = read_points(first, path, start, option.until_start, a);
	path_of(second, who, path);
	m = read_points(second, path, start, option.until_start, b);
	return in_both(a, n, b, m);
}

static void two_plain_runs(bool with_kill)
{
	plain_run(with_kill);
	(void)rename(LOG_FILE, FIRST_LOG);
	plain_run(with_kill);
	(void)rename(LOG_FILE, SECOND_LOG);
}

static void add_fault(const struct point *p, int error, unsigned int one_of)
{
	static unsigned int drawn;

	if (option.points && one_of)
		one_of = 1;
	option.seed = option.seed * 1103515245u + 12345u;
	if (!one_of || (option.seed >> 16) % one_of || fault_count == FAULT_COUNT_MAX)
		return;
	if (drawn++ % option.shards == option.shard - 1)
		faults[fault_count++] = (struct fault){ .at = *p, .error = error };
}

static void add_faults(const char *who, unsigned int one_of)
{
	static struct point points[POINTS_MAX];
	size_t before = fault_count, n = common_points(who, FIRST_LOG, SECOND_LOG, points);

	for (size_t i = 0; i < n; i++) {
		const int *error = call_of(points[i].call)->error;

		if (option.calls && !strstr(option.calls, call_of(points[i].call)->name))
			continue;
		if (option.hold) {
			if (points[i].call == SYS_write)
				add_fault(&points[i], HOLD, one_of);
			continue;
		}
		add_fault(&points[i], 0, one_of);
		for (int k = 0; k < ERRORS_MAX && error[k]; k++)
			add_fault(&points[i], error[k], option.errors);
	}
	printf("# matrix: %zu calls of the %s, %zu faults\n", n, who, fault_count - before);
	if (!n)
		exit(1);
}

/* Evenly over all that there are, from commit to commit the next ones. */
static void choose(void)
{
	static struct fault all[FAULT_COUNT_MAX];
	size_t count = fault_count;

	if (!option.points || option.points >= count)
		return;
	memcpy(all, faults, count * sizeof(all[0]));
	for (fault_count = 0; fault_count < option.points; fault_count++)
		faults[fault_count] =
			all[(fault_count * count / option.points + option.rotation) % count];
	printf("# matrix: %zu of the %zu faults, beginning with the %zuth\n", fault_count, count,
	       option.rotation % count);
}

static void kill_the_keeper_first(void)
{
	static struct point points[POINTS_MAX];
	size_t n;

	plain_run(false);
	n = read_points(LOG_FILE, "0", option.start, false, points);
	if (!n)
		exit(1);
	spec.fault[0] = (struct fault){ .at = points[(n - 1) * (size_t)option.percent / 100] };
	printf("# matrix: first the keeper is killed, at its %s %u\n",
	       call_of(spec.fault[0].at.call)->name, spec.fault[0].at.count);
}

static void make_faults(void)
{
	if (option.percent >= 0)
		kill_the_keeper_first();
	two_plain_runs(option.percent >= 0);
	for (char *who; (who = strsep(&option.who, ","));) {
		char *number = strchr(who, ':');

		if (number)
			*number++ = '\0';
		add_faults(who, number ? (unsigned int)atoi(number) : 1);
	}
}

/* ---- the judge ------------------------------------------------------------------------ */

static bool has_changed_something(void)
{
	char *text = contents(OUTPUT);
	bool changed = strstr(text, " -> ") != NULL;

	free(text);
	return changed;
}

static bool come_back(int status, int patience_ms)
{
	if (option.after)
		(void)shell(option.after, code_of(status));
	return is_back(patience_ms);
}

/* After one fault no help may be needed, unless the options allow it. */
static bool settle(int status)
{
	int code = code_of(status);

	if (code == 5) {
		left++;
		if (!option.recover || shell(option.recover, code) != 0)
			return false;
		return come_back(status, PATIENCE_MS);
	}
	if (spec.count < 2 || !option.recover) /* one death, one error */
		return come_back(status, PATIENCE_MS);
	if (come_back(status, MOMENT_MS))
		return true;
	by_next++;
	return shell(option.recover, code) == 0 && come_back(status, PATIENCE_MS);
}

static bool is_right_code(int status, const struct fault *f)
{
	int code = code_of(status);
	char digit[2] = { (char)('0' + code), '\0' };

	if (code == 128 + SIGKILL) /* of a run: vfio-run is the keeper */
		return f->error == HOLD || (!spec.fault[0].error && !strcmp(spec.fault[0].at.path, "0"));
	/* a program that cannot even be loaded */
	if (option.until_start && (code == 127 || code == 128 + SIGSEGV))
		return !has_changed_something();
	if (code < 0 || code > 9 || ((code == 2 || code == 3) && has_changed_something()))
		return false;
	if (spec.count > 1 || f->error == HOLD || (!f->error && !strcmp(f->at.path, "0")))
		return strchr("045", digit[0]); /* its standby ends what was begun */
	return strchr(f->error ? option.error_codes : option.kill_codes, digit[0]);
}

static void try_fault(const struct fault *f)
{
	char what[128];
	bool good = false;
	int status = -1;

	spec.count = option.percent >= 0 ? 2 : 1;
	spec.fault[spec.count - 1] = *f;
	(void)snprintf(what, sizeof(what), "%s at %s %u of %.24s", error_name(f->error),
		       call_of(f->at.call)->name, f->at.count, f->at.path);
	for (int i = 0; i < TRIES && !good; i++) {
		status = command();
		good = hits() == spec.count;
		if (!good && i == TRIES - 1)
			printf("# matrix: not made in %d runs: %s\n", TRIES, what);
		if (!good && !settle(status))
			break;
	}
	injected += good;
	never_made += !good;
	if (!is_right_code(status, f)) {
		violations++;
		printf("# matrix: WRONG EXIT CODE %d\n", code_of(status));
		show(what);
	}
	if (settle(status))
		return;
	violations++;
	show(what);
	(void)shell("vfio-run recover; vfio-run attach", 0);
	if (!is_back(PATIENCE_MS))
		fingerprint(WANTED); /* what one point left must not be blamed on the next */
}

/* ---- setting up ------------------------------------------------------------------------ */

static void read_options(int argc, char **argv)
{
	static const char *const jobs[] = { "run", "detach", "attach", "recover" };
	int c;

	while ((c = getopt(argc, argv, "+j:w:c:e:m:BHqFP:o:k:s:n:x:z:b:a:r:T:R:G:W:O:")) >= 0) {
		switch (c) {
		case 'j':
			while (spec.job < ARRAY_SIZE(jobs) && strcmp(jobs[spec.job], optarg))
				spec.job++;
			break;
		case 'w': option.who = optarg; break;
		case 'c': option.calls = optarg; break;
		case 'e': option.errors = (unsigned int)atoi(optarg); break;
		case 'm': option.start = optarg; break;
		case 'B': option.until_start = true; break;
		case 'k': option.percent = atoi(optarg); break;
		case 's': option.seed = (unsigned int)atoi(optarg); break;
		case 'n':
			if (sscanf(optarg, "%u/%u", &option.shard, &option.shards) != 2)
				exit(2);
			break;
		case 'x': option.error_codes = optarg; break;
		case 'z': option.kill_codes = optarg; break;
		case 'b': option.before = optarg; break;
		case 'a': option.after = optarg; break;
		case 'r': option.recover = optarg; break;
		case 'P': option.points = (unsigned int)atoi(optarg); break;
		case 'o': option.rotation = (unsigned int)atoi(optarg); break;
		case 'q': option.quick = true; break;
		case 'F': words_may_stay = spec.words_may_stay = true; break;
		case 'H': option.hold = true; break;
		case 'R': option.instants.count = (unsigned int)atoi(optarg); break;
		case 'G': option.instants.signals = optarg; break;
		case 'W': option.instants.spread_ms = (unsigned int)atoi(optarg); break;
		case 'O': option.instants.after = optarg; break;
		case 'T': limit_s = atoi(optarg); break;
		default: exit(2);
		}
	}
	if (optind == argc || spec.job >= ARRAY_SIZE(jobs) || !option.shards) {
		printf("# matrix: usage: see tests/lab/matrix/main.c\n");
		exit(2);
	}
	option.command = argv + optind;
	if (!option.who)
		option.who = strdup("keeper:1");
}

static void install_stub(void)
{
	if (access(KEEPER_REAL, F_OK) < 0 && rename(KEEPER, KEEPER_REAL) < 0)
		die(KEEPER);
	(void)unlink(KEEPER);
	if (system("cp /proc/$PPID/exe " KEEPER " && chmod 0755 " KEEPER) != 0)
		die(KEEPER);
}

/* What a command before us has set going may still be at it: sound cards come late. */
static void wait_until_quiet(void)
{
	do {
		fingerprint(WANTED);
		(void)usleep(500000);
	} while (!is_back(0));
}

static void remove_stub(void)
{
	(void)unlink(SPEC_FILE);
	(void)rename(KEEPER_REAL, KEEPER);
}

int main(int argc, char **argv)
{
	char self[64] = "";
	sigset_t child;
	double began = now_s(), seconds;
	size_t i;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) > 0 && !strcmp(self, KEEPER))
		stub(argv);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	read_options(argc, argv);
	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &child, NULL);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	wait_until_quiet();
	if (option.instants.count) {
		option.instants.command = option.command;
		option.instants.seed = &option.seed;
		option.instants.codes = option.error_codes;
		return instants(&option.instants);
	}
	install_stub();
	(void)atexit(remove_stub);
	make_faults();
	left = by_next = 0;
	choose();
	for (i = 0; i < fault_count && !(option.quick && violations); i++)
		try_fault(&faults[i]);
	fault_count = i;
	seconds = now_s() - began;
	fault_count -= never_made;
	printf("# matrix-total: %zu points, %u injected, %u violations, %.0f s (%.2f s a point, %.2f of them fingerprints; %u ended with 5 and were "
	       "recovered, %u were left to the next command, %u calls more were not always made)\n",
	       fault_count, injected, violations, seconds,
	       fault_count ? seconds / (double)fault_count : 0,
	       fault_count ? fingerprint_s / (double)fault_count : 0, left, by_next, never_made);
	/* one of a few points may be a call that only some runs make, of many a fiftieth */
	return injected == fault_count && never_made <= 1 + fault_count / 50 && !violations ? 0 : 1;
}
