// SPDX-License-Identifier: GPL-2.0-or-later
/* test-picture.c - who draws on which card, by what the kernel's debugfs says */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/keeper/programs/scope-request.h"

#define FIRST "0000:01:00.0"
#define SECOND "0000:02:00.0"
#define HEAD "             command  tgid dev master a   uid      magic\n"

static char top[64];
static int root;
static const struct picture_masters nobody = { .count = 0 };

static int shell(const char *commands)
{
	char line[1024];

	(void)snprintf(line, sizeof(line), "cd %s && { %s; }", top, commands);
	return system(line);
}

/* Two cards with connectors, a third one without, as of a device that only computes. */
static int make(void **state)
{
	(void)state;
	(void)snprintf(top, sizeof(top), "/tmp/picture-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return shell("mkdir -p sys/class/drm sys/kernel/debug/dri/0 sys/kernel/debug/dri/1 sys/kernel/debug/dri/2; "
		     "cd sys/class/drm; mkdir card0 card1 card2 card0-VGA-1 card0-VGA-2 card1-HDMI-A-1 renderD128; "
		     "ln -s ../../../" FIRST " card0/device; ln -s ../../../" SECOND " card1/device; "
		     "ln -s ../../../0000:03:00.0 card2/device");
}

static int drop(void **state)
{
	char line[128];

	(void)state;
	(void)close(root);
	(void)snprintf(line, sizeof(line), "rm -rf %s", top);
	return system(line);
}

/* A card's clients: a line of the kernel's for each "NAME PID MASTER" */
static void clients(int card, const char *name, int pid, char master)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/sys/kernel/debug/dri/%d/clients", top, card);
	f = fopen(path, name && access(path, F_OK) == 0 ? "a" : "w");
	assert_non_null(f);
	if (!name || ftell(f) == 0)
		(void)fputs(HEAD, f);
	if (name)
		(void)fprintf(f, "%20s %5d %3d   %c    n %5d %10u\n", name, pid, card, master, 1500, 0u);
	(void)fclose(f);
}

static void empty(void)
{
	for (int card = 0; card < 3; card++)
		clients(card, NULL, 0, 'n');
}

static void a_master_draws(void **state)
{
	(void)state;
	empty();
	assert_int_equal(masters_look(root, &nobody, ""), PICTURE_NO);
	clients(1, "weston", 512, 'n');
	assert_int_equal(masters_look(root, &nobody, ""), PICTURE_NO);
	clients(1, "weston", 512, 'y');
	assert_int_equal(masters_look(root, &nobody, ""), PICTURE_YES);
	empty();
	clients(2, "vkcube", 99, 'y'); /* nothing is seen there */
	assert_int_equal(masters_look(root, &nobody, ""), PICTURE_NO);
	assert_int_equal(shell("rm -rf sys/kernel/debug/dri/?/clients"), 0);
	assert_int_equal(masters_look(root, &nobody, ""), PICTURE_UNKNOWN);
	assert_int_equal(masters_look(root, &nobody, FIRST), PICTURE_UNKNOWN);
}

/* Who opened the card as it came back is its master, and draws nothing. */
static void who_was_master_before_is_none(void **state)
{
	struct picture_masters before;

	(void)state;
	empty();
	clients(0, "plymouthd", 77, 'y');
	clients(0, "systemd-logind", 400, 'y');
	masters_find(root, &before);
	assert_int_equal(before.count, 1);
	assert_int_equal(before.pid[0], 77);
	empty();
	clients(0, "plymouthd", 77, 'y');
	assert_int_equal(masters_look(root, &before, ""), PICTURE_NO);
	assert_int_equal(masters_look(root, &before, FIRST), PICTURE_NO);
	clients(0, "systemd-logind", 400, 'y');
	assert_int_equal(masters_look(root, &before, FIRST), PICTURE_YES);
}

/* The picture is wanted where it was, and not on another screen. */
static void another_card_is_elsewhere(void **state)
{
	(void)state;
	empty();
	assert_int_equal(masters_look(root, &nobody, FIRST), PICTURE_NO);
	clients(1, "Xorg", 512, 'y');
	assert_int_equal(masters_look(root, &nobody, FIRST), PICTURE_ELSEWHERE);
	assert_int_equal(masters_look(root, &nobody, SECOND), PICTURE_YES);
	assert_int_equal(masters_look(root, &nobody, FIRST " " SECOND), PICTURE_YES);
	assert_int_equal(masters_look(root, &nobody, "1" SECOND " " FIRST), PICTURE_ELSEWHERE);
	clients(0, "Xorg", 512, 'y');
	assert_int_equal(masters_look(root, &nobody, FIRST), PICTURE_YES);
}

/* One that is not there, or tells nothing, is not waited for. */
static void a_card_that_is_gone_is_not_wanted(void **state)
{
	(void)state;
	empty();
	clients(1, "Xorg", 512, 'y');
	assert_int_equal(masters_look(root, &nobody, "0000:07:00.0"), PICTURE_YES);
	assert_int_equal(shell("rm sys/kernel/debug/dri/0/clients"), 0);
	assert_int_equal(masters_look(root, &nobody, FIRST), PICTURE_YES);
}

static void the_cards_that_are_drawn_on(void **state)
{
	char cards[SCOPE_CARDS_MAX], little[sizeof(FIRST) + 3];

	(void)state;
	empty();
	masters_cards(root, cards, sizeof(cards));
	assert_string_equal(cards, "");
	clients(0, "systemd-logind", 400, 'y');
	clients(2, "vkcube", 99, 'y');
	masters_cards(root, cards, sizeof(cards));
	assert_string_equal(cards, FIRST); /* once, with two connectors */
	clients(1, "systemd-logind", 400, 'y');
	masters_cards(root, cards, sizeof(cards));
	assert_int_equal(strlen(cards), strlen(FIRST " " SECOND));
	assert_non_null(strstr(cards, FIRST));
	assert_non_null(strstr(cards, SECOND));
	masters_cards(root, little, sizeof(little)); /* never half a name */
	assert_int_equal(strlen(little), strlen(FIRST));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_master_draws),
		cmocka_unit_test(who_was_master_before_is_none),
		cmocka_unit_test(another_card_is_elsewhere),
		cmocka_unit_test(a_card_that_is_gone_is_not_wanted),
		cmocka_unit_test(the_cards_that_are_drawn_on),
	};

	return cmocka_run_group_tests_name("picture", tests, make, drop);
}
