/* SPDX-License-Identifier: GPL-2.0-or-later */
/* units.h - what the service manager says of a unit */
#ifndef VFIO_RUN_HOST_UNITS_H
#define VFIO_RUN_HOST_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/change.h"
#include "launcher/host/user/user.h"

struct host_unit {
	char id[CHANGE_TEXT_MAX]; /* the name that it really has */
	bool running;
	bool display; /* it is the host's display manager */
	bool no_stop, no_start; /* by hand: systemd would refuse it */
	char drawn[CHANGE_TEXT_MAX]; /* the devices that it draws on; "" not known, or no display manager */
	bool transient; /* systemd forgets it when it has stopped: nobody can start it again */
};

bool host_has_systemd(void);
bool host_session_ends(void);
int host_unit(const char *name, struct host_unit *out) must_check;
int host_user_unit(const struct host_user *user, const char *name, struct host_unit *out) must_check;
bool host_unit_word(char *line, struct host_unit *out);

#endif /* VFIO_RUN_HOST_UNITS_H */
