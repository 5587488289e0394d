// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-shared.c - what several VMs need is as it was found when the last of them has gone
 *
 * VMs are processes here that can be killed at any step; what they share is a value in
 * memory that they have in common. The state directory and its locks are real.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/checksum.h"
#include "launcher/base/log.h"
#include "launcher/keeper/ledger/shared.h"

#define TARGET "0000:01:00.0"

/* ---- the host: one value, seen by all processes ------------------------------------------- */

struct common {
	char value[CHANGE_TEXT_MAX];
	int steps;    /* so many were made */
	int crash_at; /* the one that is the last of its process; -1: none */
	int fail;     /* reverts fail with this */
	int failed;   /* so many did */
};

static struct common *host;
static bool started_again; /* the kinds are of what is only to be started again */

static void step(void)
{
	if (host->steps++ == host->crash_at)
		(void)kill(getpid(), SIGKILL);
}

static bool is_a_target(const char *text)
{
	return !strstr(text, "..");
}

static bool is_a_value(const char *text)
{
	return strcmp(text, "off") != 0;
}

/* Two kinds that are not shared in truth. */
const struct change_grammar *change_grammar(uint32_t kind)
{
	static struct change_grammar row[CHANGE_MAX];
	static char names[CHANGE_MAX][24];

	if (kind >= CHANGE_MAX)
		return NULL;
	(void)snprintf(names[kind], sizeof(names[kind]), "kind-%u", kind);
	if (kind == CHANGE_D3COLD || kind == CHANGE_POWER)
		(void)snprintf(names[kind], sizeof(names[kind]), "%s",
			       kind == CHANGE_POWER ? "power_control" : "d3cold_allowed");
	row[kind] = (struct change_grammar){ .name = names[kind], .what = names[kind],
					     .combine = kind == CHANGE_POWER || kind == CHANGE_D3COLD ?
								CHANGE_SAME : CHANGE_OWN,
					     .when_built = started_again,
					     .target = is_a_target, .from = is_a_value,
					     .to = is_a_value };
	return &row[kind];
}

int change_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	(void)k;
	(void)c;
	step();
	(void)strcpy(saved, host->value);
	return 0;
}

static int set(const char *value)
{
	step();
	(void)strcpy(host->value, value);
	step();
	return 0;
}

int change_apply(struct keeper *k, const struct change *c)
{
	(void)k;
	return set(c->to);
}

int change_revert(struct keeper *k, const struct change *c)
{
	(void)k;
	if (!host->fail)
		return set(c->from);
	host->failed++;
	return -host->fail;
}

int change_revert_from(struct keeper *k, const struct change *c, char before[CHANGE_TEXT_MAX])
{
	int rc;

	(void)change_save(k, c, before);
	rc = change_revert(k, c);
	return rc ? rc : change_still_ok(k, c) ? 0 : -EIO;
}

int change_amount(struct keeper *k, struct change *c)
{
	(void)k;
	(void)c;
	return 0;
}

bool change_still_ok(struct keeper *k, const struct change *c)
{
	(void)k;
	return !strcmp(host->value, c->from);
}

const char *change_trouble(uint32_t kind, int error)
{
	(void)kind;
	return strerror(-error);
}

void report_change(const struct change *c, int error, const char *trouble)
{
	(void)c;
	(void)error;
	(void)trouble;
}

static int waited_ms = -1; /* counted from 0 on, where no time is to pass */

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct timespec t = { timeout_ms / 1000, timeout_ms % 1000 * 1000000L };

	if (waited_ms >= 0 && timeout_ms > 0) {
		waited_ms += timeout_ms;
		return 0;
	}
	return ppoll(fds, count, timeout_ms < 0 ? NULL : &t, NULL);
}

/* ---- VMs ------------------------------------------------------------------------------------ */

static char directory[] = "/tmp/shared-XXXXXX";
static int state_fd;
static struct keeper_plan plan;
static struct keeper keeps[3]; /* of the VMs a and b, and of the one that recovers */

struct vm {
	const char *name;
	struct keeper *keep;
	pid_t pid;
	int end[2], ready[2];
};

static struct vm a = { .name = "a", .keep = &keeps[0] };
static struct vm b = { .name = "b", .keep = &keeps[1] };

static void journal_file(const char *name, char path[STATE_NAME_MAX + 16])
{
	(void)snprintf(path, STATE_NAME_MAX + 16, "%s.journal", name);
}

static void begin(struct keeper *k, const char *name)
{
	char file[STATE_NAME_MAX + 16];
	int fd;

	memset(k, 0, sizeof(*k));
	k->plan = &plan;
	k->state.state_fd = state_fd;
	k->state.run_fd = -1;
	k->journal = (struct journal)JOURNAL_INIT;
	journal_file(name, file);
	(void)close(openat(state_fd, file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	fd = memfd_create("journal", MFD_CLOEXEC);
	if (journal_begin(&k->journal, fd, name, false) ||
	    process_identify(getpid(), &k->journal.keeper))
		abort();
}

static void finish(struct keeper *k)
{
	char file[STATE_NAME_MAX + 16];

	journal_file(k->journal.name, file);
	(void)unlinkat(state_fd, file, 0);
	(void)close(k->journal.fd);
}

static struct change requested(const char *to)
{
	struct change c = { .kind = CHANGE_POWER, .target = TARGET };

	(void)snprintf(c.to, sizeof(c.to), "%s", to);
	return c;
}

static int way_there(struct keeper *k, const char *to)
{
	struct change c = requested(to);
	int rc = shared_enroll(k);

	return rc ? rc : shared_take(k, &c);
}

/* As revert_all() does. */
static bool way_back(struct keeper *k, bool by_journal)
{
	const struct change c = k->journal.change_count ? k->journal.change[0] : requested("on");
	bool all = !by_journal || shared_release(k, &c) == 0;

	return shared_leave(k) && all;
}

/* In the VM's process: there, wait, back. */
static void life(struct vm *vm)
{
	char byte;

	begin(vm->keep, vm->name);
	if (way_there(vm->keep, "on"))
		_exit(3);
	(void)!write(vm->ready[1], "", 1);
	(void)!read(vm->end[0], &byte, 1);
	if (!way_back(vm->keep, true))
		_exit(5);
	finish(vm->keep);
	_exit(0);
}

/* Return: false when it died on the way */
static bool start(struct vm *vm)
{
	char byte;

	assert_int_equal(pipe2(vm->end, O_CLOEXEC), 0);
	assert_int_equal(pipe2(vm->ready, O_CLOEXEC), 0);
	vm->pid = fork();
	if (!vm->pid)
		life(vm);
	(void)close(vm->ready[1]);
	(void)close(vm->end[0]);
	return read(vm->ready[0], &byte, 1) == 1;
}

static int reap(struct vm *vm)
{
	int status;

	(void)close(vm->end[1]);
	(void)close(vm->ready[0]);
	assert_int_equal(waitpid(vm->pid, &status, 0), vm->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int end(struct vm *vm)
{
	(void)!write(vm->end[1], "", 1);
	return reap(vm);
}

static void murder(struct vm *vm)
{
	assert_int_equal(kill(vm->pid, SIGKILL), 0);
	assert_int_equal(reap(vm), 128 + SIGKILL);
}

/* What recover or the standby does with a dead one's journal, damaged or not. */
static bool recover(const struct vm *vm, bool by_journal)
{
	struct keeper *k = &keeps[2];
	bool all;

	begin(k, vm->name);
	all = way_back(k, by_journal);
	if (all)
		finish(k);
	return all;
}

static void fresh(int crash_at)
{
	memset(host, 0, sizeof(*host));
	(void)strcpy(host->value, "auto");
	host->crash_at = crash_at;
}

static void is(const char *value, const char *when, int crash_at)
{
	if (strcmp(host->value, value))
		fail_msg("%s, killed at step %d: is %s", when, crash_at, host->value);
}

static bool file_is_there(void)
{
	return faccessat(state_fd, SHARED_FILE, F_OK, 0) == 0;
}

static void is_as_found(const char *when, int crash_at)
{
	is("auto", when, crash_at);
	if (file_is_there())
		fail_msg("%s, killed at step %d: the host journal is left", when, crash_at);
}

/* Another process has the lock for longer than anybody waits: that costs one wait, and is said as it is. */
static void a_lock_is_waited_for_once(void **state)
{
	struct keeper *k = &keeps[2];
	const struct change c = requested("on");
	int fd, once;

	(void)state;
	fresh(-1);
	begin(k, "c");
	assert_int_equal(way_there(k, "on"), 0);
	fd = openat(state_fd, SHARED_FILE, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	waited_ms = 0;
	k->reverting = true;
	assert_int_equal(shared_release(k, &c), -ENOLCK);
	once = waited_ms;
	assert_true(once >= 600000);
	assert_int_equal(shared_release(k, &c), -ENOLCK);
	assert_int_equal(shared_release(k, &c), -ENOLCK);
	assert_false(shared_leave(k));
	assert_int_equal(waited_ms, once);
	(void)close(fd); /* and who has done without it can have it */
	assert_int_equal(shared_release(k, &c), 0);
	assert_true(shared_leave(k));
	waited_ms = -1;
	finish(k);
	is_as_found("the lock was held", -1);
}

/* ---- tests ------------------------------------------------------------------------------------ */

static void ended_in_either_order(void **state)
{
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct vm *one = order ? &a : &b, *other = order ? &b : &a;

		fresh(-1);
		assert_true(start(&a));
		is("on", "the first", -1);
		assert_true(start(&b));
		assert_int_equal(end(one), 0);
		is("on", "the other one runs", -1);
		assert_int_equal(end(other), 0);
		is_as_found("both ended", -1);
	}
}

/* One is killed at every step of its start or of its end, while the other one runs. */
static void killed_while_the_other_one_runs(void **state)
{
	int steps;

	(void)state;
	fresh(-1);
	assert_true(start(&a));
	assert_int_equal(end(&a), 0);
	steps = host->steps;
	assert_true(steps >= 5);
	for (int at = 0; at < steps * 2; at++) {
		bool by_journal = at % 3, came_up;

		/* the other one was there before */
		fresh(-1);
		assert_true(start(&b));
		host->steps = 0;
		host->crash_at = at;
		came_up = start(&a);
		if (came_up)
			(void)end(&a);
		else
			assert_int_equal(reap(&a), 128 + SIGKILL);
		host->crash_at = -1;
		is("on", "the other one was there before", at);
		assert_true(recover(&a, by_journal));
		is("on", "recovered, and the other one runs", at);
		assert_int_equal(end(&b), 0);
		is_as_found("then the other one ended", at);

		/* the other one comes after */
		fresh(at);
		came_up = start(&a);
		if (came_up)
			(void)end(&a);
		else
			(void)reap(&a);
		host->crash_at = -1;
		assert_true(start(&b));
		is("on", "the other one came after", at);
		if (at % 2) {
			assert_true(recover(&a, by_journal));
			is("on", "recovered, and the other one runs", at);
			assert_int_equal(end(&b), 0);
		} else {
			assert_int_equal(end(&b), 0);
			assert_true(recover(&a, by_journal));
		}
		is_as_found("all ended", at);
	}
}

static void both_killed(void **state)
{
	(void)state;
	for (int order = 0; order < 4; order++) {
		fresh(-1);
		assert_true(start(&a));
		assert_true(start(&b));
		murder(&a);
		murder(&b);
		assert_true(recover(order & 1 ? &a : &b, order & 2));
		is("on", "one is recovered", -1);
		assert_true(recover(order & 1 ? &b : &a, order & 2));
		is_as_found("both are recovered", -1);
		assert_true(recover(&a, true)); /* twice is once */
		is_as_found("one of them twice", -1);
	}
}

/* A dead user whose journal is gone: dropped by the next keeper. */
static void a_user_without_a_journal(void **state)
{
	(void)state;
	fresh(-1);
	assert_true(start(&a));
	murder(&a);
	assert_int_equal(unlinkat(state_fd, "a.journal", 0), 0);
	assert_true(start(&b));
	assert_int_equal(end(&b), 0);
	is_as_found("the other one ended", -1);

	fresh(-1);
	assert_true(start(&a));
	murder(&a);
	assert_int_equal(unlinkat(state_fd, "a.journal", 0), 0);
	begin(&keeps[2], "c");
	assert_true(shared_sweep(&keeps[2]));
	finish(&keeps[2]);
	is_as_found("swept", -1);
}

static void what_cannot_be_undone_is_kept(void **state)
{
	(void)state;
	fresh(-1);
	assert_true(start(&a));
	host->fail = EIO;
	assert_int_equal(end(&a), 5);
	is("on", "it could not be undone", -1);
	assert_false(recover(&a, true));
	host->fail = 0;
	assert_true(recover(&a, false));
	is_as_found("and then it could", -1);
}

/* As revert_all() does before a start, with a journal that says that it was told. */
static bool goes_on(struct keeper *k, const char *name)
{
	const struct change c = requested("on");
	int rc;

	begin(k, name);
	k->journal.change[k->journal.change_count++] = c;
	k->journal.given_up[0] = JOURNAL_BEFORE;
	plan.flags = KEEPER_BEFORE_START;
	rc = shared_release(k, &c);
	plan.flags = 0;
	assert_int_equal(rc, -EIO); /* it was tried */
	return shared_leave(k);
}

/* One that has only to be started again is tried once, not twice; the next start goes on without it. */
static void what_cannot_be_started_again(void **state)
{
	(void)state;
	started_again = true;
	fresh(-1);
	assert_true(start(&a));
	host->fail = EIO;
	assert_int_equal(end(&a), 5);
	assert_int_equal(host->failed, 1);
	assert_true(file_is_there());
	assert_true(goes_on(&keeps[2], "a"));
	assert_false(file_is_there());
	finish(&keeps[2]);

	fresh(-1); /* and in no journal that is left: it is told by who finds it */
	assert_true(start(&a));
	murder(&a);
	assert_int_equal(unlinkat(state_fd, "a.journal", 0), 0);
	host->fail = EIO;
	begin(&keeps[2], "c");
	assert_false(shared_sweep(&keeps[2]));
	assert_true(shared_sweep(&keeps[2]));
	finish(&keeps[2]);
	assert_false(file_is_there());
	started_again = false;
}

static void no_two_values(void **state)
{
	struct keeper *k = &keeps[2];

	(void)state;
	fresh(-1);
	assert_true(start(&a));
	begin(k, "c");
	(void)strcpy(plan.change[0].to, "auto");
	assert_int_equal(way_there(k, "auto"), -EADDRINUSE);
	assert_true(way_back(k, true));
	finish(k);
	is("on", "the other one needs it", -1);
	assert_int_equal(end(&a), 0);
	is_as_found("the other one ended", -1);
}

static void nothing_is_made_for_nobody(void **state)
{
	struct keeper *k = &keeps[2];

	(void)state;
	fresh(-1);
	begin(k, "c");
	plan.change_count = 0;
	assert_int_equal(shared_enroll(k), 0);
	assert_false(file_is_there());
	assert_true(way_back(k, true));
	assert_true(shared_sweep(k));
	assert_false(file_is_there());
	plan.change_count = 1;
	assert_int_equal(shared_enroll(k), 0);
	assert_true(file_is_there());
	assert_true(shared_leave(k)); /* refused after that: nothing was changed */
	assert_false(file_is_there());
	finish(k);
	assert_int_equal(host->steps, 0);
}

/* ---- the file ---------------------------------------------------------------------------------- */

static struct shared one, other;

static void fill(struct shared *s)
{
	shared_clear(s);
	for (size_t i = 0; i < SHARED_CHANGES_MAX; i++) {
		struct change *c = &s->change[i];

		c->kind = CHANGE_POWER;
		(void)strcpy(c->target, "ffffffff:ff:1f.7");
		(void)strcpy(c->from, "auto");
		(void)strcpy(c->to, "auto");
	}
	for (s->user_count = 0; s->user_count < SHARED_USERS_MAX; s->user_count++) {
		struct shared_user *u = &s->user[s->user_count];

		(void)snprintf(u->name, sizeof(u->name), "detach-ffffffff:ff:1f.%zu", s->user_count);
		u->keeper = (struct process_id){ INT32_MAX, UINT64_MAX };
		u->uses = UINT64_MAX;
	}
}

static void the_fullest_fits_and_is_read(void **state)
{
	char *slot = malloc(SHARED_SLOT + 1);

	(void)state;
	assert_non_null(slot);
	fill(&one);
	one.generation = UINT64_MAX;
	assert_true(shared_print(&one, slot) > 0);
	slot[SHARED_SLOT] = '\0';
	assert_true(shared_parse(&other, slot, SHARED_SLOT));
	assert_memory_equal(&one, &other, sizeof(one));
	free(slot);
}

/* Torn or flipped: the slot does not count, and the one before it does. */
static void a_damaged_slot_does_not_count(void **state)
{
	int fd = memfd_create("host-journal", MFD_CLOEXEC), length;
	char slot[SHARED_SLOT], saved;

	(void)state;
	shared_clear(&one);
	one.change[3] = requested("on");
	(void)strcpy(one.change[3].from, "auto");
	assert_int_equal(shared_write(&one, fd), 0);
	one.user_count = 1;
	(void)strcpy(one.user[0].name, "a");
	assert_int_equal(shared_write(&one, fd), 0); /* generation 2: the first slot */
	assert_int_equal(shared_read(&other, fd), 0);
	assert_int_equal(other.user_count, 1);
	length = shared_print(&one, slot);
	assert_true(length > 0);
	for (int i = 0; i < length; i++) {
		saved = slot[i];
		slot[i] ^= 4;
		assert_int_equal(pwrite(fd, slot, SHARED_SLOT, 0), SHARED_SLOT);
		slot[i] = saved;
		assert_int_equal(shared_read(&other, fd), 0);
		assert_int_equal(other.generation, 1);
		assert_int_equal(other.change[3].kind, CHANGE_POWER);
	}
	for (int cut = 1; cut < length; cut++) {
		assert_int_equal(pwrite(fd, slot, SHARED_SLOT, 0), SHARED_SLOT);
		memset(slot + length - cut, 0, 1);
		assert_int_equal(pwrite(fd, slot, SHARED_SLOT, 0), SHARED_SLOT);
		assert_int_equal(shared_read(&other, fd), 0);
		assert_int_equal(other.generation, 1);
	}
	/* of a newer vfio-run, whole: neither damaged nor to be written over */
	length = shared_print(&one, slot);
	slot[strlen("vfio-run-host\t")] = '3';
	(void)sprintf(strstr(slot, "\nend\t") + 5, "%08x\n",
		      checksum(slot, (size_t)(strstr(slot, "\nend\t") + 1 - slot)));
	assert_int_equal(pwrite(fd, slot, SHARED_SLOT, 0), SHARED_SLOT);
	assert_int_equal(shared_read(&other, fd), -EPROTONOSUPPORT);
	memset(slot, 'x', SHARED_SLOT);
	for (off_t i = 0; i < 2; i++)
		assert_int_equal(pwrite(fd, slot, SHARED_SLOT, i * SHARED_SLOT), SHARED_SLOT);
	assert_int_equal(shared_read(&other, fd), -EBADMSG);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(shared_read(&other, fd), 0);
	assert_int_equal(other.user_count, 0);
	(void)close(fd);
}

static bool accepted(const char *boot, const char *lines)
{
	char slot[1024];
	int n = snprintf(slot, sizeof(slot), "vfio-run-host\t2\t7\t%s\n%s", boot, lines);

	(void)snprintf(slot + n, sizeof(slot) - (size_t)n, "end\t%08x\n",
		       checksum(slot, (size_t)n));
	return shared_parse(&other, slot, strlen(slot));
}

static void nothing_outside_the_table(void **state)
{
	static const char *const bad[] = {
		"change\t0\tpower_control\t../x\tauto\ton\n",
		"change\t0\tpower_control\t" TARGET "\toff\ton\n",
		"change\t0\tunbind\t" TARGET "\tx\t\n", /* a kind that is not shared */
		"change\t0\tformat\t" TARGET "\tauto\ton\n",
		"change\t64\tpower_control\t" TARGET "\tauto\ton\n",
		"change\t-1\tpower_control\t" TARGET "\tauto\ton\n",
		"change\t0\tpower_control\t" TARGET "\tauto\ton\nchange\t0\tpower_control\t" TARGET "\tauto\ton\n",
		"change\t0\tpower_control\t" TARGET "\tauto\n", "user\t../a\t1\t1\t0\n",
		"user\t.\t1\t1\t0\n", "user\ta/b\t1\t1\t0\n", "user\ta\t1\t1\n", "surprise\n",
	};

	(void)state;
	assert_true(accepted("", "change\t0\tpower_control\t" TARGET "\tauto\ton\nuser\ta\t1\t1\t1\n"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (accepted("", bad[i]))
			fail_msg("accepted: %s", bad[i]);
	/* another boot: nothing of it is left */
	assert_true(accepted("01234567-89ab-cdef-0123-456789abcdef", "user\ta\t1\t1\t1\n"));
	assert_int_equal(other.user_count, 0);
}

static void a_damaged_file(void **state)
{
	char rubbish[] = "rubbish";
	int fd;

	(void)state;
	fresh(-1);
	assert_true(start(&a));
	assert_true(start(&b));
	fd = openat(state_fd, SHARED_FILE, O_WRONLY | O_CLOEXEC);
	for (off_t i = 0; i < 2; i++)
		assert_int_equal(pwrite(fd, rubbish, sizeof(rubbish), i * SHARED_SLOT), sizeof(rubbish));
	(void)close(fd);
	begin(&keeps[2], "c");
	assert_int_equal(way_there(&keeps[2], "on"), -EBADMSG);
	assert_true(way_back(&keeps[2], false));
	finish(&keeps[2]);
	assert_int_equal(end(&a), 0);
	is("on", "the other one runs", -1);
	assert_int_equal(end(&b), 0);
	is_as_found("by its own journal", -1); /* which has what the first one found */
}

static int set_up(void **state)
{
	(void)state;
	host = mmap(NULL, sizeof(*host), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (host == MAP_FAILED || !mkdtemp(directory))
		return 1;
	state_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	plan.change_count = 1;
	plan.change[0].kind = CHANGE_POWER;
	return state_fd < 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlinkat(state_fd, SHARED_FILE, 0);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ended_in_either_order),
		cmocka_unit_test(a_lock_is_waited_for_once),
		cmocka_unit_test(killed_while_the_other_one_runs),
		cmocka_unit_test(both_killed),
		cmocka_unit_test(a_user_without_a_journal),
		cmocka_unit_test(what_cannot_be_undone_is_kept),
		cmocka_unit_test(what_cannot_be_started_again),
		cmocka_unit_test(no_two_values),
		cmocka_unit_test(nothing_is_made_for_nobody),
		cmocka_unit_test(the_fullest_fits_and_is_read),
		cmocka_unit_test(a_damaged_slot_does_not_count),
		cmocka_unit_test(nothing_outside_the_table),
		cmocka_unit_test(a_damaged_file),
	};

	log_setup(LOG_ERROR, false);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
