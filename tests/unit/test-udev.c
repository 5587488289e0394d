// SPDX-License-Identifier: GPL-2.0-or-later
/* test-udev.c - what is waited for before a display server is started: udev's record of each card */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/sysfs.h"
#include "launcher/base/udev.h"

static char top[64];

static int shell(const char *commands)
{
	char line[1024];

	(void)snprintf(line, sizeof(line), "cd %s && { %s; }", top, commands);
	return system(line);
}

static int make(void **state)
{
	(void)state;
	(void)snprintf(top, sizeof(top), "/tmp/udev-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	return shell("mkdir -p run/udev/data sys/class/drm/card0 sys/class/drm/card1 sys/class/drm/card0-VGA-1; "
		     ": >run/udev/control; echo 226:0 >sys/class/drm/card0/dev; "
		     "echo 226:1 >sys/class/drm/card1/dev; : >run/udev/data/c226:0");
}

static int drop(void **state)
{
	char line[128];

	(void)state;
	(void)snprintf(line, sizeof(line), "rm -rf %s", top);
	return system(line);
}

/* Does @commands later, by another process; @there is what they make. */
static void comes_after(const char *commands, const char *there, bool (*wait)(int root))
{
	cleanup_close int root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		(void)usleep(200000);
		_exit(shell(commands) != 0);
	}
	assert_true(wait(root));
	assert_true(sysfs_exists(root, there));
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_card_without_a_record_is_waited_for(void **state)
{
	(void)state;
	comes_after(": >run/udev/data/c226:1", "run/udev/data/c226:1", udev_wait_cards);
}

static void udev_at_work_is_waited_for(void **state)
{
	(void)state;
	assert_int_equal(shell(": >run/udev/queue"), 0);
	comes_after(": >done; rm run/udev/queue", "done", udev_wait);
}

static void busy_with_other_things_it_is_not(void **state)
{
	cleanup_close int root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(shell(": >run/udev/data/c226:1; : >run/udev/queue"), 0);
	assert_true(udev_wait_cards(root));
	assert_int_equal(shell("rm run/udev/queue"), 0); /* still there: it was not waited for */
}

static void a_render_node_is_a_card_s(void **state)
{
	(void)state;
	assert_int_equal(shell(": >run/udev/data/c226:1; mkdir sys/class/drm/renderD128; "
			       "echo 226:128 >sys/class/drm/renderD128/dev"), 0);
	comes_after(": >run/udev/data/c226:128", "run/udev/data/c226:128", udev_wait_cards);
}

static void an_old_record_is_of_another_card(void **state)
{
	(void)state;
	assert_int_equal(shell("mkdir -p dev/dri; : >run/udev/data/c226:1; sleep 0.02; : >dev/dri/card1"), 0);
	comes_after(": >done; touch run/udev/data/c226:1", "done", udev_wait_cards);
}

static void without_udev_nothing_is_waited_for(void **state)
{
	cleanup_close int root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(shell("rm run/udev/control; : >run/udev/queue"), 0);
	assert_true(udev_wait_cards(root));
	assert_true(udev_wait(root));
}

/* The record of a card that is done with; what is said of another one, or of its form, is not that. */
static void a_sound_card_is_known(void **state)
{
	cleanup_close int root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(shell("echo E:SOUND_FORM_FACTOR=x >run/udev/data/+sound:card1; "
			       "echo E:SOUND_INITIALIZED=1 >run/udev/data/+sound:card10"), 0);
	assert_false(udev_knows_sound(root, "card1", false));
	assert_true(udev_knows_sound(root, "card10", false));
	assert_true(udev_knows_sound(root, "card10", true));
	assert_int_equal(shell("printf 'I:1\\nE:SOUND_INITIALIZED=1\\nG:seat\\n' >run/udev/data/+sound:card1"), 0);
	assert_true(udev_knows_sound(root, "card1", false));
}

static bool knows_new(int root)
{
	return udev_knows_sound(root, "card1", true);
}

static void a_new_sound_card_is_waited_for(void **state)
{
	(void)state;
	comes_after("echo E:SOUND_INITIALIZED=1 >run/udev/data/new; mv run/udev/data/new run/udev/data/+sound:card1",
		    "run/udev/data/+sound:card1", knows_new);
}

static bool forgets(int root)
{
	return !udev_knows_sound(root, "card1", false);
}

static void one_that_is_announced_as_gone_is_not_known(void **state)
{
	(void)state;
	assert_int_equal(shell(": >run/udev/queue; echo E:SOUND_INITIALIZED=1 >run/udev/data/+sound:card1"), 0);
	comes_after("rm run/udev/data/+sound:card1; : >done; rm run/udev/queue", "done", forgets);
}

static void without_udev_no_sound_card_is_known(void **state)
{
	cleanup_close int root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(shell("rm run/udev/control; echo E:SOUND_INITIALIZED=1 >run/udev/data/+sound:card1"), 0);
	assert_false(udev_knows_sound(root, "card1", true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_card_without_a_record_is_waited_for, make, drop),
		cmocka_unit_test_setup_teardown(udev_at_work_is_waited_for, make, drop),
		cmocka_unit_test_setup_teardown(busy_with_other_things_it_is_not, make, drop),
		cmocka_unit_test_setup_teardown(a_render_node_is_a_card_s, make, drop),
		cmocka_unit_test_setup_teardown(an_old_record_is_of_another_card, make, drop),
		cmocka_unit_test_setup_teardown(a_sound_card_is_known, make, drop),
		cmocka_unit_test_setup_teardown(a_new_sound_card_is_waited_for, make, drop),
		cmocka_unit_test_setup_teardown(one_that_is_announced_as_gone_is_not_known, make, drop),
		cmocka_unit_test_setup_teardown(without_udev_no_sound_card_is_known, make, drop),
		cmocka_unit_test_setup_teardown(without_udev_nothing_is_waited_for, make, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
