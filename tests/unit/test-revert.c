// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-revert.c - whatever fails while changes are made, a revert ends where they began
 *
 * A host of two devices stands in for sysfs. Each operation that the keeper asks for is held
 * against the closed table, and can be made to fail, to hang, or to be the last one before
 * the keeper is killed: then a second one reverts by what the first had written down.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/checksum.h"
#include "launcher/base/log.h"
#include "launcher/keeper/kinds/kind.h"

#define DEVICES 2
#define GPU "0000:01:00.0"
#define AUDIO "0000:01:00.1"

/* ---- the host -------------------------------------------------------------------------- */

struct fake {
	const char *name;
	char driver[CHANGE_TEXT_MAX], override[CHANGE_TEXT_MAX];
	char power[CHANGE_TEXT_MAX], d3cold[CHANGE_TEXT_MAX];
	bool there;
	char reset[CHANGE_TEXT_MAX];
	uint32_t mib[CHANGE_BARS];
};

static const struct fake found[DEVICES] = {
	{ GPU, "nouveau", "", "auto", "1", true, "flr bus", { 256, 0, 32, 0 } },
	{ AUDIO, "snd_hda_intel", "mine", "on", "", true, "", { 0 } }, /* "": it has no such attribute */
};

static struct fake host[DEVICES];
static const char *modules[] = { "nouveau", "snd_hda_intel", "vfio_pci" };

/* What is to go wrong. */
static int operations;		    /* so many were asked for */
static int fault_at = -1;	    /* this one ... */
static int fault_error;		    /* fails with this; 0: the keeper is killed */
static bool fault_after;	    /* but has taken effect */
static int refused_probes;	    /* as many binds to a host driver fail */
static bool lost_when_removed;	    /* a device that is taken from the bus is not found again */
static bool resettable, no_display; /* of the GPU */
static bool asleep;		    /* its monitor: found only when it is looked for */
static bool sound_waits;	    /* while the GPU's display is waited for, the other function is not back */
static bool dark;		    /* likewise, and not found even then */
static bool sound_is_known;	    /* to udev, once it has nothing to do */
static const char *touched_must_not; /* a device that may not be touched */
static char climbed[256];	    /* rungs, one word each */
static jmp_buf killed;

static void as_found(void)
{
	memcpy(host, found, sizeof(host));
	operations = 0;
	fault_at = -1;
	fault_error = 0;
	fault_after = false;
	refused_probes = 0;
	lost_when_removed = resettable = no_display = asleep = dark = sound_waits = sound_is_known = false;
	touched_must_not = NULL;
	*climbed = '\0';
}

static struct fake *fake(const char *name)
{
	for (size_t i = 0; i < DEVICES; i++)
		if (!strcmp(host[i].name, name))
			return &host[i];
	return NULL;
}

static char *attribute(struct fake *f, uint32_t which)
{
	return which == ATTRIBUTE_OVERRIDE ? f->override :
	       which == ATTRIBUTE_POWER	   ? f->power :
	       which == ATTRIBUTE_D3COLD   ? f->d3cold :
	       which == ATTRIBUTE_RESET_METHOD ? f->reset :
					     NULL;
}

static bool one_of(const char *text, const char *a, const char *b, const char *c)
{
	return !strcmp(text, a) || !strcmp(text, b) || !strcmp(text, c);
}

/* The closed table, once more and in other words. */
static void must_be_allowed(const struct work *w)
{
	const char *text = w->name;
	bool override = (w->op == WORK_WRITE || w->op == WORK_SET) && w->attribute == ATTRIBUTE_OVERRIDE;
	bool connector = w->op == WORK_PROBE_CONNECTOR && !strcmp(text, "card0/card0-DP-1");
	bool announced = w->op == WORK_ANNOUNCE && !strncmp(text, "sound/card0 ", 12);

	/* an override is any line that root has written, and no part of a path */
	if (strpbrk(text, "\n\t\x1b") || (strchr(text, '/') && !override && !connector && !announced))
		fail_msg("operation %u with '%s'", w->op, text);
	switch (w->op) {
	case WORK_BIND:
	case WORK_UNBIND:
	case WORK_MODULE:
		if (!*text || *text == '.' || *text == '-')
			fail_msg("a name '%s'", text);
		break;
	case WORK_WRITE:
	case WORK_SET:
		if ((w->attribute == ATTRIBUTE_POWER && !one_of(text, "on", "auto", "on")) ||
		    (w->attribute == ATTRIBUTE_D3COLD && !one_of(text, "0", "1", "0")) ||
		    (w->attribute == ATTRIBUTE_RESET_METHOD && !one_of(text, "bus", "flr bus", "")) ||
		    (w->attribute == ATTRIBUTE_RESET && strcmp(text, "1") != 0))
			fail_msg("'%s' into %s", text, work_attribute_name(w->attribute));
		/* fall through */
	case WORK_READ:
		assert_true(w->attribute < ATTRIBUTE_MAX);
		break;
	default:
		assert_true(w->op < WORK_MAX);
	}
}

static void rung(const char *word)
{
	(void)snprintf(climbed + strlen(climbed), sizeof(climbed) - strlen(climbed), "%s ", word);
}

/* A process has it open, and lets go after so many checks. */
static int32_t held_group = -1;
static int held_for;

static int bind_driver(struct fake *f, const char *driver)
{
	bool vfio = !strcmp(driver, "vfio-pci");

	if (*f->driver)
		return -EBUSY;
	if (*f->override ? strcmp(f->override, driver) : vfio)
		return -ENODEV;
	if (!vfio && refused_probes > 0) {
		refused_probes--;
		return -EIO;
	}
	if (!one_of(driver, "nouveau", "snd_hda_intel", "vfio-pci"))
		return -ENOENT;
	(void)strcpy(f->driver, driver);
	if (vfio)
		(void)strcpy(f->power, "auto");
	return 0;
}

static int unbind_driver(struct fake *f, const char *driver)
{
	if (strcmp(f->driver, driver))
		return -ENODEV;
	if (!strcmp(driver, "vfio-pci"))
		(void)strcpy(f->power, "on");
	*f->driver = '\0';
	return 0;
}

static int find_again(struct fake *f)
{
	rung("rescan");
	if (lost_when_removed)
		return 0;
	f->there = true;
	*f->override = '\0';
	(void)strcpy(f->power, "on");
	(void)strcpy(f->d3cold, found[f - host].d3cold);
	(void)strcpy(f->reset, found[f - host].reset);
	memcpy(f->mib, found[f - host].mib, sizeof(f->mib));
	(void)bind_driver(f, f == host ? "nouveau" : "snd_hda_intel");
	return 0;
}

static int read_bars(const struct fake *f, const char *which, struct work_reply *reply)
{
	struct change_bars bars;

	assert_true(change_bars_parse(which, &bars));
	for (size_t i = 0; i < CHANGE_BARS; i++)
		if (bars.mib[i])
			bars.mib[i] = f->mib[i];
	change_bars_words(&bars, reply->value, sizeof(reply->value));
	return 0;
}

/* As the kernel does it: never while a driver has the device; what grows needs the room of what shrinks. */
static int resize_bar(struct fake *f, const char *words)
{
	struct change_bars bars;
	uint32_t all = 0;

	assert_true(change_bars_parse(words, &bars));
	if (*f->driver)
		return -EBUSY;
	for (size_t i = 0; i < CHANGE_BARS; i++)
		all += bars.mib[i] ? bars.mib[i] : f->mib[i];
	if (all > 300)
		return -ENOSPC;
	for (size_t i = 0; i < CHANGE_BARS; i++)
		if (bars.mib[i])
			f->mib[i] = bars.mib[i];
	return 0;
}

/* What an operation does to the host. */
static int take_effect(const struct work *w, struct fake *f, struct work_reply *reply)
{
	switch (w->op) {
	case WORK_READ:
		if (!attribute(f, w->attribute) ||
		    (w->attribute == ATTRIBUTE_D3COLD && !*f->d3cold))
			return -ENOENT;
		(void)strcpy(reply->value, attribute(f, w->attribute));
		return 0;
	case WORK_WRITE:
		if (w->attribute == ATTRIBUTE_RESET)
			rung("reset");
		else
			(void)strcpy(attribute(f, w->attribute), w->name);
		return 0;
	case WORK_SET: /* reset is written, not set */
		if (!*attribute(f, w->attribute) && w->attribute == ATTRIBUTE_D3COLD)
			return -ENOENT;
		(void)strcpy(attribute(f, w->attribute), w->name);
		return 0;
	case WORK_BIND:
		return bind_driver(f, w->name);
	case WORK_UNBIND:
		return unbind_driver(f, w->name);
	case WORK_BARS:
		return read_bars(f, w->name, reply);
	case WORK_RESIZE:
		return resize_bar(f, w->name);
	case WORK_COMMAND:
		(void)strcpy(reply->value, "0x0000");
		return 0;
	case WORK_PROBE_CONNECTOR:
		rung("probe");
		asleep = dark;
		return 0;
	case WORK_REMOVE:
		rung("remove");
		assert_string_equal(f->driver, "");
		f->there = false;
		return 0;
	case WORK_RESCAN:
		return find_again(f);
	case WORK_ANNOUNCE:
		return 0;
	default:
		return -EINVAL;
	}
}

/* ---- what the keeper sees of it: device.c, device-facts.c ----------------------------------- */

int device_work(struct keeper *k, struct journal_device *d, struct work *w, struct work_reply *reply)
{
	struct fake *f = d ? fake(d->name) : NULL;
	bool is_the_one = operations++ == fault_at;
	int rc;

	*reply = (struct work_reply){ .error = 0 };
	must_be_allowed(w);
	if (d && journal_device_is_lost(d))
		return d->oopsed ? -EOWNERDEAD : -ETIME;
	if (touched_must_not && d && !strcmp(d->name, touched_must_not))
		fail_msg("%s was touched", d->name);
	if (d && (!f || (!f->there && w->op != WORK_RESCAN)))
		return -ENXIO;
	if (is_the_one && !fault_error && !fault_after)
		longjmp(killed, 1);
	if (is_the_one && fault_error == ETIME && d) {
		struct process_id self;

		assert_int_equal(process_identify(getpid(), &self), 0);
		(void)journal_add_stuck(&k->journal, d, &self);
		return -ETIME;
	}
	if (is_the_one && fault_error == EOWNERDEAD && d) {
		(void)journal_add_oopsed(&k->journal, d);
		return -EOWNERDEAD;
	}
	if (is_the_one && fault_error && !fault_after)
		return -fault_error;
	if (w->op == WORK_GROUP)
		return w->group == held_group && held_for-- > 0 ? -EBUSY : 0;
	if (w->op == WORK_MODULE)
		rung("module");
	if (w->op == WORK_ANNOUNCE)
		rung(strchr(w->name, ' ') + 1);
	if (w->op == WORK_SOUND)
		rung(w->name);
	if (w->op == WORK_SOUND && !sound_is_known)
		return -ENODATA;
	rc = f ? take_effect(w, f, reply) : 0;
	if (is_the_one && !fault_error)
		longjmp(killed, 1);
	return is_the_one ? -fault_error : rc;
}

unsigned int device_patience_s(const struct journal_device *d)
{
	(void)d;
	return 1;
}

int device_snapshot(struct keeper *k, const struct keeper_device *planned, struct journal_device *out)
{
	const struct fake *f;

	(void)k;
	*out = (struct journal_device){ .address = planned->address, .vendor = planned->vendor,
					.device = planned->device, .group = planned->group };
	f = fake(pci_address_format(&out->address, out->name));
	(void)strcpy(out->title, planned->title);
	(void)strcpy(out->driver, f->driver);
	device_module(f->driver, out->module);
	(void)strcpy(out->override, f->override);
	(void)strcpy(out->power, f->power);
	(void)strcpy(out->d3cold, f->d3cold);
	out->displays = device_displays(out->name, NULL, NULL);
	return 0;
}

void device_driver(const char *name, char buf[CHANGE_TEXT_MAX])
{
	const struct fake *f = fake(name);

	(void)snprintf(buf, CHANGE_TEXT_MAX, "%s", f && f->there ? f->driver : "");
}

void device_module(const char *driver, char buf[CHANGE_TEXT_MAX])
{
	(void)snprintf(buf, CHANGE_TEXT_MAX, "%s", driver);
}

bool device_exists(const char *name)
{
	const struct fake *f = fake(name);

	return f && f->there;
}

bool device_is_gone(const struct journal_device *d)
{
	return !d->removed && !device_exists(d->name);
}

void device_note_gone(struct keeper *k, const struct journal_device *d)
{
	k->gone[d - k->journal.device] = true;
}

bool device_has_driver(const char *driver)
{
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
		if (!strcmp(modules[i], driver))
			return true;
	return false;
}

bool device_has_group(int32_t group)
{
	return group == held_group;
}

bool device_has_card(const char *target)
{
	return !strcmp(target, AUDIO "/sound/card0") && !strcmp(fake(AUDIO)->driver, "snd_hda_intel");
}

bool device_is_alone_on_its_bus(const char *name)
{
	(void)name;
	return true;
}

bool device_can_reset(const char *name)
{
	return resettable && !strcmp(name, GPU);
}

struct device_displays device_displays(const char *name, device_connector_fn each, void *context)
{
	bool card = !strcmp(name, GPU) && !strcmp(fake(GPU)->driver, "nouveau") && !no_display;

	if (no_display && strcmp(host[1].driver, found[1].driver) != 0)
		sound_waits = true;
	if (card && each)
		each(context, "card0", "card0-DP-1", !asleep);
	return (struct device_displays){ .cards = card, .connectors = card, .connected = card && !asleep };
}

static bool other_screen; /* another card has a monitor, too */

bool device_has_screen(void)
{
	return other_screen || *host[0].driver == 'n';
}

/* ---- what stops the session, and starts it again: kept.c ------------------------------------- */

static int kept_error; /* of all of these */

int kept_command(struct keeper *k, const char *word, const char *path)
{
	(void)k;
	(void)path;
	rung(word);
	if (strcmp(word, "start") == 0)
		rung(!strcmp(host[0].driver, found[0].driver) ? "with" : "without");
	return kept_error;
}

int kept_container(struct keeper *k, const char *program, const char *word, const char *id)
{
	(void)id;
	return kept_command(k, word, program);
}

int kept_user_unit(struct keeper *k, uint32_t uid, const char *word, const char *unit)
{
	(void)uid;
	return kept_command(k, word, unit);
}

int kept_runtime(struct keeper *k, const char *program)
{
	(void)k;
	(void)program;
	return 0;
}

bool kept_container_is_gone(struct keeper *k, const char *program, const char *id)
{
	(void)k;
	(void)program;
	(void)id;
	return false;
}

/* ---- and what is not looked at here ---------------------------------------------------------- */

/* No time passes here. */
int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	(void)fds;
	(void)count;
	(void)timeout_ms;
	return 0;
}

int standby_ensure(struct keeper *k)
{
	(void)k;
	return 0;
}

int standby_share(struct keeper *k)
{
	(void)k;
	return 0;
}

void report_change(const struct change *c, int error, const char *trouble)
{
	(void)c;
	(void)error;
	(void)trouble;
}

void report_left_out(const struct change *c, const char *why)
{
	(void)c;
	(void)why;
}

/* ---- a keeper --------------------------------------------------------------------------------- */

static struct keeper_plan plan; /* too large for a stack */
static struct keeper first, second;
static int journal_fd = -1;

static void planned(enum change_kind kind, const char *target, const char *from, const char *to)
{
	struct change *c = &plan.change[plan.change_count++];

	c->kind = kind;
	(void)strcpy(c->target, target);
	(void)strcpy(c->from, from);
	(void)strcpy(c->to, to);
}

static void make_plan(void)
{
	memset(&plan, 0, sizeof(plan));
	plan.job = KEEPER_RUN;
	plan.device_count = DEVICES;
	for (uint8_t i = 0; i < DEVICES; i++)
		plan.device[i] = (struct keeper_device){ .address = { 0, 1, 0, i }, .vendor = 0x10de,
							 .device = 0x2486, .group = 7,
							 .title = "a card" };
	planned(CHANGE_D3COLD, GPU, "1", "0");
	planned(CHANGE_POWER, GPU, "auto", "on");
	planned(CHANGE_POWER, AUDIO, "on", "on");
	planned(CHANGE_OVERRIDE, GPU, "", "vfio-pci");
	planned(CHANGE_OVERRIDE, AUDIO, "mine", "vfio-pci");
	planned(CHANGE_RESET, GPU, "flr bus", "bus");
	planned(CHANGE_UNBIND, AUDIO, "snd_hda_intel", "");
	planned(CHANGE_UNBIND, GPU, "nouveau", "");
	planned(CHANGE_REBAR, GPU, "bar0=256M bar2=32M", "bar0=32M bar2=256M");
	planned(CHANGE_BIND, GPU, "", "vfio-pci");
	planned(CHANGE_BIND, AUDIO, "", "vfio-pci");
}

static void begin(struct keeper *k)
{
	memset(k, 0, sizeof(*k));
	k->plan = &plan;
	k->journal = (struct journal)JOURNAL_INIT;
	k->state.state_fd = AT_FDCWD; /* no host journal is here */
	k->signals = -1;
	(void)close(journal_fd);
	journal_fd = memfd_create("journal", MFD_CLOEXEC);
	assert_int_equal(fcntl(journal_fd, F_SETFL, O_APPEND), 0);
	assert_int_equal(journal_begin(&k->journal, journal_fd, "win10", false), 0);
	for (size_t i = 0; i < DEVICES; i++) {
		struct journal_device *d = &k->journal.device[i];

		assert_int_equal(device_snapshot(k, &plan.device[i], d), 0);
		assert_int_equal(journal_add_device(&k->journal, d), 0);
	}
	for (size_t i = 0; i < plan.change_count; i++)
		assert_int_equal(journal_add_planned(&k->journal, &plan.change[i]), 0);
}

/* Another keeper, with nothing but the journal. */
static bool recover(void)
{
	memset(&second, 0, sizeof(second));
	second.plan = &plan;
	second.state.state_fd = AT_FDCWD;
	second.signals = -1;
	second.journal = (struct journal)JOURNAL_INIT;
	if (journal_load(&second.journal, journal_fd))
		return false;
	return revert_all(&second);
}

static void must_be_as_found(const char *what, int number)
{
	for (size_t i = 0; i < DEVICES; i++)
		if (strcmp(host[i].driver, found[i].driver) || strcmp(host[i].override, found[i].override) ||
		    strcmp(host[i].power, found[i].power) || strcmp(host[i].d3cold, found[i].d3cold) ||
		    strcmp(host[i].reset, found[i].reset) ||
		    memcmp(host[i].mib, found[i].mib, sizeof(host[i].mib)) != 0)
			fail_msg("%s %d: %s is on '%s', override '%s', power '%s', d3cold '%s', "
				 "reset '%s', BARs of %u and %u",
				 what, number, host[i].name, host[i].driver, host[i].override,
				 host[i].power, host[i].d3cold, host[i].reset, host[i].mib[0],
				 host[i].mib[2]);
}

/* There and back with something that goes wrong. Return: all was given back */
static bool run_through(void)
{
	int rc = apply_plan(&first);

	(void)rc;
	return revert_all(&first);
}

static int there_and_back(void)
{
	as_found();
	begin(&first);
	assert_int_equal(apply_plan(&first), 0);
	assert_string_equal(host[0].driver, "vfio-pci");
	assert_string_equal(host[1].driver, "vfio-pci");
	assert_string_equal(host[0].reset, "bus");
	assert_int_equal(host[0].mib[0], 32);
	assert_int_equal(host[0].mib[2], 256);
	assert_true(revert_all(&first));
	return operations;
}

/* The host's driver may want another size; the VM's is not one that it has chosen. */
static void a_bar_is_its_drivers(void **state)
{
	(void)state;
	as_found();
	begin(&first);
	assert_int_equal(apply_plan(&first), 0);
	assert_true(revert_all(&first));
	host[0].mib[0] = 64;
	assert_true(recover());
	assert_int_equal(host[0].mib[0], 64);
	host[0].mib[0] = 32;
	assert_false(recover());
}

/* ---- tests -------------------------------------------------------------------------------------- */

static void it_comes_back(void **state)
{
	(void)state;
	assert_true(there_and_back() > 20);
	must_be_as_found("a whole run", 0);
	assert_string_equal(climbed, "");
	assert_true(recover()); /* twice is once */
	must_be_as_found("reverted twice", 0);
}

/* Killed before or after any operation, there or back: the next one gives all of it back. */
static void killed_at_every_operation(void **state)
{
	int all = there_and_back();

	(void)state;
	for (volatile int at = 0; at < all * 2; at++) {
		as_found();
		begin(&first);
		fault_at = at / 2;
		fault_after = at % 2;
		if (!setjmp(killed)) {
			(void)run_through();
			fail_msg("operation %d was never reached", at / 2);
		}
		fault_at = -1;
		if (!recover())
			fail_msg("killed at %d: not recovered", at);
		must_be_as_found("killed at", at);
	}
}

/* And the one that gives it back is killed as well. */
static void killed_twice(void **state)
{
	int all = there_and_back();

	(void)state;
	for (volatile int at = 0; at < all; at += 3)
		for (volatile int then = 0; then < 40; then++) {
			as_found();
			begin(&first);
			fault_at = at;
			if (!setjmp(killed))
				(void)run_through();
			operations = 0;
			fault_at = then;
			if (!setjmp(killed))
				(void)recover();
			fault_at = -1;
			assert_true(recover());
			must_be_as_found("killed twice, at", at * 100 + then);
		}
}

/* Any operation fails once, before or after it took effect: in the end all is as it was. */
static void an_error_at_every_operation(void **state)
{
	static const int errors[] = { EIO, EBUSY, ENODEV, EINVAL, EACCES, ENOMEM, EAGAIN, ENOENT, ECHILD };
	int all = there_and_back();

	(void)state;
	for (size_t e = 0; e < ARRAY_SIZE(errors); e++)
		for (int at = 0; at < all * 2; at++) {
			bool back;

			as_found();
			begin(&first);
			fault_at = at / 2;
			fault_after = at % 2;
			fault_error = errors[e];
			back = run_through() || recover();
			if (!back)
				fail_msg("%s at %d: not back", strerror(errors[e]), at);
			must_be_as_found(strerror(errors[e]), at);
		}
}

/* The device that hangs, or that the kernel oopsed in, costs nothing but itself. */
static void a_lost_device_costs_only_itself(void **state)
{
	static const int losses[] = { ETIME, EOWNERDEAD };
	int all = there_and_back();

	(void)state;
	for (size_t e = 0; e < ARRAY_SIZE(losses); e++)
		for (int at = 0; at < all; at++) {
			const struct journal_device *lost = NULL;

			as_found();
			begin(&first);
			fault_at = at;
			fault_error = losses[e];
			(void)run_through();
			for (size_t i = 0; i < DEVICES; i++)
				if (journal_device_is_lost(&first.journal.device[i]))
					lost = &first.journal.device[i];
			assert_non_null(lost);
			for (size_t i = 0; i < DEVICES; i++)
				if (!strcmp(host[i].name, lost->name))
					host[i] = found[i]; /* not looked at */
			must_be_as_found("the other one", at);
			/* and a successor does not touch it either */
			touched_must_not = lost->name;
			(void)recover();
		}
}

static void refused(int probes, bool reset, const char *rungs, bool back)
{
	as_found();
	resettable = reset;
	begin(&first);
	assert_int_equal(apply_plan(&first), 0);
	refused_probes = probes;
	assert_int_equal(revert_all(&first), back);
	assert_string_equal(climbed, rungs);
	assert_string_equal(host[0].override, found[0].override);
	assert_string_equal(host[1].override, found[1].override);
	if (back)
		must_be_as_found("probes refused", probes);
}

static void rung_by_rung(void **state)
{
	(void)state;
	refused(0, true, "", true);
	refused(1, true, "module ", true);
	refused(2, true, "module reset ", true);
	refused(2, false, "module remove rescan ", true);
	refused(3, true, "module reset remove rescan ", true);
	/* within the rescan it is refused, and then it is not */
	refused(4, true, "module reset remove rescan ", true);
	/* the GPU is given up, the other function is not */
	refused(5, true, "module reset remove rescan ", false);
	assert_string_equal(host[1].driver, found[1].driver);
	assert_string_equal(host[0].driver, "");
	assert_true(recover());
	must_be_as_found("recovered", 0);
}

/* In a group of its own, and by a job that does not wait for ever. */
static void audio_is_held(int times)
{
	first.journal.device[1].group = 8;
	held_group = 8;
	held_for = times;
	plan.job = KEEPER_DETACH;
}

static void one_holder_costs_no_other_device(void **state)
{
	(void)state;
	as_found();
	begin(&first);
	assert_int_equal(apply_plan(&first), 0);
	audio_is_held(INT_MAX);
	assert_false(revert_all(&first));
	assert_string_equal(host[0].driver, found[0].driver);
	assert_string_equal(host[0].override, found[0].override);
	assert_string_equal(host[1].driver, "vfio-pci");
	audio_is_held(30); /* and lets go during the wait */
	assert_true(revert_all(&first));
	must_be_as_found("let go", 0);
	held_group = -1;
	plan.job = KEEPER_RUN;
}

/* The card is held for as many looks. Return: all was given back */
static bool back_with_a_session(enum keeper_job job, int looks, const char *rungs)
{
	static struct keeper_plan without;
	bool back;

	as_found();
	without = plan;
	memmove(plan.change + 1, plan.change, plan.change_count * sizeof(*plan.change));
	plan.change_count++;
	assert_true(change_set(&plan.change[0], CHANGE_COMMAND, "/etc/down", "/etc/up", "stopped"));
	begin(&first);
	assert_int_equal(apply_plan(&first), 0);
	held_group = 7;
	held_for = looks;
	plan.job = job;
	back = revert_all(&first);
	assert_string_equal(climbed, rungs);
	assert_string_equal(host[1].driver, back ? found[1].driver : "vfio-pci");
	held_group = -1;
	plan = without;
	return back;
}

/* What is started again finds its card, and is started once. */
static void a_session_comes_after_its_card(void **state)
{
	(void)state;
	other_screen = false;
	assert_true(back_with_a_session(KEEPER_RUN, 0, "stop start with "));
	must_be_as_found("with a session", 0);
	/* of a program that looks, of one that lets go soon, and late */
	assert_true(back_with_a_session(KEEPER_RUN, 3, "stop start with "));
	assert_true(back_with_a_session(KEEPER_RUN, 30, "stop start with "));
	assert_true(back_with_a_session(KEEPER_RUN, 70, "stop start with "));
	must_be_as_found("held", 70);
	assert_true(back_with_a_session(KEEPER_DETACH, 30, "stop start with "));
	/* who does not wait for ever has it without */
	assert_false(back_with_a_session(KEEPER_DETACH, INT_MAX, "stop start without "));
	/* nor waits who has another screen; and it is not started once more */
	other_screen = true;
	assert_true(back_with_a_session(KEEPER_RUN, 30, "stop start with "));
	assert_true(back_with_a_session(KEEPER_RUN, 70, "stop start without "));
	must_be_as_found("held, and another screen", 70);
	other_screen = false;
}

/* Not when another function of the slot is with VFIO, or hangs. */
static void not_taken_from_the_bus(void **state)
{
	(void)state;
	as_found();
	begin(&first);
	assert_int_equal(apply_plan(&first), 0);
	audio_is_held(INT_MAX);
	refused_probes = 3;
	assert_false(revert_all(&first));
	held_group = -1;
	plan.job = KEEPER_RUN;
	assert_string_equal(climbed, "module ");
	assert_string_equal(host[0].override, found[0].override);
	assert_string_equal(host[1].driver, "vfio-pci");
}

/* Killed while it was off the bus: it is not taken for one that was unplugged. */
static void killed_while_it_is_off_the_bus(void **state)
{
	(void)state;
	as_found();
	begin(&first);
	assert_int_equal(apply_plan(&first), 0);
	refused_probes = 2;
	lost_when_removed = true;
	assert_false(revert_all(&first));
	assert_false(host[0].there);
	assert_string_equal(host[1].driver, found[1].driver);
	assert_false(recover());
	lost_when_removed = false;
	assert_true(recover());
	must_be_as_found("found again", 0);
	/* a removal by another process is no failure, and no rescan follows */
	as_found();
	begin(&first);
	assert_int_equal(apply_plan(&first), 0);
	host[0].there = false;
	assert_true(revert_all(&first));
	assert_true(first.gone[0]); /* and it was reported */
	assert_string_equal(climbed, "");
	assert_string_equal(host[1].driver, found[1].driver);
}

static void a_card_without_its_display(void **state)
{
	(void)state;
	as_found();
	begin(&first);
	assert_int_equal(apply_plan(&first), 0);
	no_display = true;
	assert_false(revert_all(&first));
	assert_string_equal(host[0].driver, "nouveau");
	assert_false(sound_waits);
	no_display = false;
	assert_true(recover());
	must_be_as_found("its display is back", 0);
}

/* One that fell asleep is looked for, once; one that is off is no failure of the card's. */
static void a_card_without_its_monitor(void **state)
{
	(void)state;
	for (int off = 0; off < 2; off++) {
		as_found();
		begin(&first);
		assert_int_equal(apply_plan(&first), 0);
		asleep = true;
		dark = off;
		assert_true(revert_all(&first));
		assert_string_equal(climbed, "probe ");
		must_be_as_found("its monitor was looked for", off);
	}
	as_found(); /* nor is one looked for that was not there */
	dark = asleep = true;
	begin(&first);
	assert_int_equal(apply_plan(&first), 0);
	assert_true(revert_all(&first));
	assert_string_equal(climbed, "");
}

/* Nobody is there who could run it: a session, as it stands in a journal, that cannot be started again. */
static void begin_without_a_session(void)
{
	const struct change session = { .kind = CHANGE_COMMAND, .target = "/bin/down", .from = "/bin/up",
					.to = "stopped" };

	as_found();
	begin(&first);
	kept_error = -EPIPE;
	assert_int_equal(journal_add_change(&first.journal, &session), 0);
	assert_int_equal(apply_plan(&first), 0);
}

/* Told once; then the next start tries once more, and goes on. `recover` goes on trying. */
static void what_cannot_be_started_again_blocks_nobody(void **state)
{
	(void)state;
	begin_without_a_session();
	assert_false(revert_all(&first));
	must_be_as_found("all but the session", 0);
	assert_false(recover());
	assert_false(recover());
	plan.flags = KEEPER_BEFORE_START;
	assert_true(recover());
	plan.flags = 0;
	assert_false(recover());

	/* not before it was told */
	begin_without_a_session();
	plan.flags = KEEPER_BEFORE_START;
	assert_false(recover());
	must_be_as_found("all but the session, before a start", 0);
	assert_true(recover());

	/* nor is a card ever gone without */
	begin_without_a_session();
	refused_probes = 100;
	assert_false(recover());
	assert_false(recover());
	assert_false(recover());
	refused_probes = 0;
	assert_true(recover());
	must_be_as_found("the card too", 0);
	plan.flags = 0;
	kept_error = 0;
}

/* A user's service manager, or a containers' runtime; what another one keeps is asked for. */
static void one_that_hangs_is_asked_once(void **state)
{
	static const struct change rows[] = {
		{ CHANGE_USER_SERVICE, "1500/a.service", "running", "stopped" },
		{ CHANGE_USER_SERVICE, "1500/b.service", "running", "stopped" },
		{ CHANGE_USER_SERVICE, "1501/a.service", "running", "stopped" },
	};

	(void)state;
	as_found();
	begin(&first);
	kept_error = -ETIME;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(change_revert(&first, &rows[i]), -ETIME);
	assert_string_equal(climbed, "start with start with ");
	assert_true(revert_all(&first)); /* which begins anew */
	assert_int_equal(change_revert(&first, &rows[0]), -ETIME);
	assert_string_equal(climbed, "start with start with start with ");
	kept_error = 0;
}

/* Without a question: it is back as it is. */
static void a_temporary_one_is_not_started_again(void **state)
{
	static const struct change rows[] = {
		{ CHANGE_USER_SERVICE, "1500/a.service", CHANGE_TEMPORARY, "stopped" },
		{ CHANGE_SERVICE, "a.service", CHANGE_TEMPORARY, "stopped" },
	};
	char now[CHANGE_TEXT_MAX];

	(void)state;
	as_found();
	begin(&first);
	first.has_scope = first.reverting = true;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(change_revert(&first, &rows[i]), 0);
		assert_true(change_still_ok(&first, &rows[i]));
		assert_int_equal(change_save(&first, &rows[i], now), 0);
		assert_string_equal(now, CHANGE_TEMPORARY);
		assert_null(change_wrong(&rows[i]));
	}
	assert_int_equal(operations, 0);
}

/* ---- the journal ------------------------------------------------------------------------------ */

static void damaged_at(const char *text, size_t size)
{
	assert_int_equal(ftruncate(journal_fd, 0), 0);
	assert_int_equal(write(journal_fd, text, size), size);
}

/* Cut at every byte behind the last change, flipped at every byte: still all comes back. */
static void a_damaged_journal(void **state)
{
	char text[8192], *last, saved;
	struct fake there[DEVICES];
	ssize_t size;

	(void)state;
	as_found();
	begin(&first);
	assert_int_equal(apply_plan(&first), 0);
	memcpy(there, host, sizeof(host));
	size = pread(journal_fd, text, sizeof(text) - 1, 0);
	assert_true(size > 0);
	text[size] = '\0';
	for (ssize_t at = 0; at < size; at++)
		for (int bit = 0; bit < 8; bit += 3) {
			memcpy(host, there, sizeof(host));
			saved = text[at];
			text[at] ^= (char)(1 << bit);
			damaged_at(text, (size_t)size);
			text[at] = saved;
			/* the last newline: that change was never acted on, as far as is known */
			if (!recover() && at < size - 1)
				fail_msg("bit %d of byte %zd", bit, at);
			if (at < size - 1)
				must_be_as_found("flipped", (int)at);
		}
	/* cut: as if killed when the line was begun, so its change was not */
	for (ssize_t at = 0; at < size; at++) {
		memcpy(host, found, sizeof(host));
		damaged_at(text, (size_t)at);
		(void)recover();
		must_be_as_found("cut at", (int)at);
	}
	last = strstr(text, "change\tbind\t" AUDIO);
	assert_non_null(last);
	memcpy(host, there, sizeof(host));
	*host[1].driver = '\0';
	damaged_at(text, (size_t)(last - text));
	assert_true(recover());
	must_be_as_found("cut before the last change", 0);
}

/* Lines that no keeper writes, with good checksums: must_be_allowed() sees what comes of them. */
static void a_hostile_journal(void **state)
{
	static const char *const words[] = {
		"device", "change", "stuck", "oopsed", "removed", "displays", "nodes", "monitors", "picture", "class", "worker",
		GPU, AUDIO, "0000:02:00.0", "../../etc", "..", "", "nouveau", "../nouveau",
		"vfio-pci", "unbind", "bind", "driver_override", "power_control", "d3cold_allowed",
		"planned", "reset_method", "rebar", "bar0=32M", "bar0=256M bar2=32M", "flr bus",
		"module", "on", "auto", "off", "0", "1", "-1", "2", "10de", "2486", "7", "loaded",
		"evil/../../x", "\x1b[2J", "a b", "yes", "no", "kept", "4294967296", ".", "-", "%s%n",
	};
	unsigned int seed = 1;
	char text[8192];

	(void)state;
	as_found();
	begin(&first);
	for (int round = 0; round < 20000; round++) {
		size_t used = 0;

		for (int line = 0; line < 6; line++) {
			size_t start = used;
			int fields;

			seed = seed * 1103515245u + 12345u;
			fields = line < 2 ? 11 : 2 + (int)((seed >> 16) % 4);
			for (int i = 0; i < fields; i++) {
				const char *word;

				seed = seed * 1103515245u + 12345u;
				word = words[(seed >> 16) % ARRAY_SIZE(words)];
				if (line < 2 && i < 4 && (seed >> 28) % 4)
					word = ((const char *[]){ "device", line ? GPU : AUDIO, "10de",
								  "2486" })[i];
				used += (size_t)sprintf(text + used, "%s%s", i ? "\t" : "", word);
			}
			used += (size_t)sprintf(text + used, "\t%08x\n",
						checksum(text + start, used - start));
		}
		memcpy(host, found, sizeof(host));
		damaged_at(text, used);
		(void)recover();
	}
}

/* Whatever it is a change of: not what the kind itself means by EBUSY. */
static void a_lock_in_vain_is_said_as_it_is(void **state)
{
	(void)state;
	for (uint32_t kind = 0; kind < CHANGE_MAX; kind++)
		assert_non_null(strstr(change_trouble(kind, -ENOLCK), "another vfio-run is at work"));
}

static void of_another_boot(void **state)
{
	char text[8192], *boot;
	ssize_t size;

	(void)state;
	as_found();
	begin(&first);
	assert_int_equal(apply_plan(&first), 0);
	size = pread(journal_fd, text, sizeof(text) - 1, 0);
	text[size > 0 ? size : 0] = '\0';
	boot = strstr(text, "boot\t");
	assert_non_null(boot);
	boot[5] = boot[5] == 'a' ? 'b' : 'a';
	(void)sprintf(boot + 41, "\t%08x", checksum(boot, 41));
	boot[50] = '\n';
	damaged_at(text, (size_t)size);
	second.journal = (struct journal)JOURNAL_INIT;
	assert_int_equal(journal_load(&second.journal, journal_fd), -ENODATA);
}

/* The kernel has announced a card that its driver made anew; a sound server takes two for two. */
static void a_sound_card_is_announced_once(void **state)
{
	static const struct {
		uint32_t rows;
		bool known;
		const char *said;
	} row[] = {
		{ 1, false, "remove card0 add change " },
		{ 1, true, "remove card0 " },      /* killed before it was announced as gone */
		{ 4, true, "remove card0 new " },  /* it was away */
		{ 4, false, "remove card0 new add change " }, /* its driver did not let go */
	};

	(void)state;
	memset(&plan.change, 0, sizeof(plan.change));
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		plan.change_count = 0;
		planned(CHANGE_ANNOUNCE, AUDIO "/sound/card0", "add", "remove");
		planned(CHANGE_OVERRIDE, AUDIO, "mine", "vfio-pci");
		planned(CHANGE_UNBIND, AUDIO, "snd_hda_intel", "");
		planned(CHANGE_BIND, AUDIO, "", "vfio-pci");
		plan.change_count = row[i].rows;
		as_found();
		begin(&first);
		assert_int_equal(apply_plan(&first), 0);
		sound_is_known = row[i].known;
		assert_true(revert_all(&first));
		assert_string_equal(climbed, row[i].said);
		must_be_as_found("announced", (int)i);
	}
	make_plan();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_card_is_announced_once),
		cmocka_unit_test(it_comes_back),
		cmocka_unit_test(a_bar_is_its_drivers),
		cmocka_unit_test(killed_at_every_operation),
		cmocka_unit_test(killed_twice),
		cmocka_unit_test(an_error_at_every_operation),
		cmocka_unit_test(a_lost_device_costs_only_itself),
		cmocka_unit_test(rung_by_rung),
		cmocka_unit_test(one_holder_costs_no_other_device),
		cmocka_unit_test(a_session_comes_after_its_card),
		cmocka_unit_test(not_taken_from_the_bus),
		cmocka_unit_test(killed_while_it_is_off_the_bus),
		cmocka_unit_test(a_card_without_its_display),
		cmocka_unit_test(a_card_without_its_monitor),
		cmocka_unit_test(what_cannot_be_started_again_blocks_nobody),
		cmocka_unit_test(one_that_hangs_is_asked_once),
		cmocka_unit_test(a_temporary_one_is_not_started_again),
		cmocka_unit_test(a_damaged_journal),
		cmocka_unit_test(a_hostile_journal),
		cmocka_unit_test(of_another_boot),
		cmocka_unit_test(a_lock_in_vain_is_said_as_it_is),
	};

	make_plan();
	log_setup(LOG_ERROR, false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
