/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-input.c - the event nodes that a profile names, each found once */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/evdev-identity.h"
#include "launcher/cli.h"
#include "launcher/host/devices/evdev.h"
#include "launcher/inspect/facts-files.h"
#include "launcher/inspect/looking.h"

static int say(const struct looking *l, const struct profile_input *input, int error)
{
	const char *what = error == -EINVAL ? "it does not lead to a place below /dev/input" :
			   error == -ENODEV ? "it is no event node" :
			   error == -EPERM  ? "others than root can change where it leads to" :
					      strerror(-error);
	const char *remedy = error == -ENOENT ?
				     "plug the device in, or see what there is: `ls /dev/input/by-id`" :
				     "name one of /dev/input/by-id whose name ends in -event-kbd or "
				     "-event-mouse";

	check_add(l->results, "input", CHECK_FAILED, remedy, "%s:%u:%u: evdev = %s: %s", l->o->path,
		  input->evdev_pos.line, input->evdev_pos.column, input->evdev, what);
	return EXIT_HOST;
}

static int look_at(const struct looking *l, size_t i)
{
	const struct profile_input *input = &l->o->profile->input[i];
	struct plan_input_facts *out = &l->f->input[i];
	struct host_evdev d;
	int r = host_evdev_find(l->host, input->evdev, &d);

	if (r)
		return say(l, input, r);
	for (size_t k = 0; k < i; k++)
		if (!strcmp(l->f->input[k].node, d.name)) {
			check_add(l->results, "input", CHECK_FAILED, "remove one of them",
				  "%s:%u:%u: evdev = %s: it is the device of another [input]",
				  l->o->path, input->evdev_pos.line, input->evdev_pos.column,
				  input->evdev);
			return EXIT_HOST;
		}
	*out = (struct plan_input_facts){ .major = d.major,
					  .minor = d.minor,
					  .keyboard = d.keyboard,
					  .absolute = d.absolute,
					  .can_toggle = !d.keyboard ||
							host_evdev_can_toggle(&d, input->grab_toggle) };
	(void)snprintf(out->node, sizeof(out->node), "%s", d.name);
	(void)evdev_identify(host_root_fd(l->host), (unsigned int)strtoul(d.name + strlen("event"), NULL, 10),
			     &out->identity);
	return 0;
}

/**
 * facts_look_at_input() - where the paths lead to, and what is there
 * @f:	receives input
 *
 * Return: 0 or EXIT_HOST
 */
int facts_look_at_input(const struct opened_profile *o, struct host *host, struct facts *f,
			struct check_results *results)
{
	const struct looking l = { o, host, f, results };
	int code = 0;

	f->input = calloc(o->profile->input_count + 1, sizeof(*f->input));
	if (!f->input)
		return EXIT_HOST;
	for (size_t i = 0; i < o->profile->input_count; i++)
		code |= look_at(&l, i);
	f->plan.input = f->input;
	return code;
}
