/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-next.c - what a run says of itself: the picture, the ways in, the way to end it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "launcher/commands/handover/next.h"
#include "launcher/host/host.h"
#include "tests/sysfs/tree.h"

static char said[4096], root[64];

static void take(const char *line)
{
	size_t used = strlen(said);

	(void)snprintf(said + used, sizeof(said) - used, "%s\n", line);
}

static void says_of(const char *text, unsigned int trial_s, bool leaves, const char *expected)
{
	const struct plan_host_facts facts = {
		.uid = 1000, .gid = 1000, .user = "alice", .home = "/home/alice"
	};
	struct profile_errors errors = { 0 };
	struct profile *profile = NULL;
	struct plan *plan = NULL;
	struct host *host = NULL;
	char whole[2048];

	(void)snprintf(whole, sizeof(whole), "[vm]\nmemory = 1G\n%s", text);
	assert_int_equal(profile_parse(whole, strlen(whole), "win10", &profile, &errors), 0);
	assert_int_equal(host_open(root, &host), 0);
	assert_int_equal(plan_select(profile, host, &facts, &plan), 0);
	*said = '\0';
	plan->trial_s = trial_s;
	next_lines(profile, host, plan, leaves, take);
	assert_string_equal(said, expected);
	plan_free(plan);
	host_close(host);
	profile_free(profile);
	profile_errors_fini(&errors);
}

static void says(const char *text, const char *expected)
{
	says_of(text, 0, false, expected);
}

#define END \
	"how it is: `vfio-run status win10`; to end it: `sudo vfio-run stop win10`, or Ctrl-C here\n"

static void connect_screen(const char *status)
{
	char path[256], command[600];
	FILE *f;

	(void)snprintf(path, sizeof(path),
		       "%s/sys/bus/pci/devices/0000:01:00.0/drm/card0/card0-HDMI-A-1", root);
	(void)snprintf(command, sizeof(command), "mkdir -p %s", path);
	assert_int_equal(system(command), 0);
	(void)snprintf(path + strlen(path), sizeof(path) - strlen(path), "/status");
	f = fopen(path, "we");
	assert_non_null(f);
	(void)fprintf(f, "%s\n", status);
	(void)fclose(f);
}

static void card(void **state)
{
	(void)state;
	says("[gpu]\ndevice = 0000:01:00.0\n",
	     "picture: on whatever is plugged into 0000:01:00.0\n" END);
	connect_screen("disconnected");
	says("[gpu]\ndevice = 0000:01:00.0\n",
	     "picture: no screen is connected to 0000:01:00.0: plug one in, or a dummy plug\n" END);
	connect_screen("connected");
	says("[gpu]\ndevice = 0000:01:00.0\n", "picture: on HDMI-A-1 of 0000:01:00.0\n" END);
	says("[gpu]\ndevice = 0000:01:00.0\n[looking-glass]\nsize = 64M\n",
	     "picture: on HDMI-A-1 of 0000:01:00.0\n"
	     "picture: `looking-glass-client` shows it in a window, when the guest's part runs\n" END);
}

static void emulated(void **state)
{
	(void)state;
	says("", "picture: in a window on your user's desktop\n" END);
	says("[display]\ntype = spice\n",
	     "picture: `remote-viewer spice+unix:///run/vfio-run/vm/win10/display`\n" END);
	says("[display]\ntype = vnc\n",
	     "picture: its viewer connects to /run/vfio-run/vm/win10/display\n" END);
	says("[display]\ntype = none\n", END);
}

static void ways_in(void **state)
{
	(void)state;
	says("[display]\ntype = none\n[net]\nforward = tcp:2222:22\nforward = udp:5000:5001\n",
	     "in: `ssh -p 2222 USER@127.0.0.1`, when the guest's server runs\n"
	     "in: UDP port 5000 of this machine is the guest's 5001\n" END);
	says("[display]\ntype = none\n[input]\nevdev = /dev/input/by-id/x-event-kbd\n",
	     "keyboard and pointer: ctrl-ctrl gives them to the guest, and takes them back\n" END);
}

/* What ends with the session is no way to end the VM. */
#define ELSEWHERE \
	"this terminal ends with its session: what is typed meanwhile is typed elsewhere, over ssh\n"

static void session(void **state)
{
	(void)state;
	says_of("[display]\ntype = none\n", 0, true,
		"to end it: shut the guest down, or `sudo vfio-run stop win10`\n" ELSEWHERE);
	says_of("[display]\ntype = none\n", 60, true,
		"it ends by itself after 60 s; before that: `sudo vfio-run stop win10`\n" ELSEWHERE);
	says_of("[display]\ntype = none\n", 5, false,
		"it ends by itself after 5 s; before that: `sudo vfio-run stop win10`, or Ctrl-C here\n");
}

static int make(void **state)
{
	(void)state;
	tree_make("lab-dgpu", root);
	return 0;
}

static int drop(void **state)
{
	(void)state;
	tree_remove(root);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(card), cmocka_unit_test(emulated),
					    cmocka_unit_test(ways_in), cmocka_unit_test(session) };

	return cmocka_run_group_tests(tests, make, drop);
}
