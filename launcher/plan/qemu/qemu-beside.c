/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-beside.c - QEMU's arguments for what programs beside it serve: the TPM, shared directories */
#include <json-c/json.h>

#include "launcher/plan/programs/beside.h"
#include "launcher/plan/qemu/qemu.h"
#include "profiles/profile.h"

/* The first of all that serve it. */
static void tpm(struct qemu *q)
{
	struct json_object *o;

	argv_option(&q->argv, "-chardev", "socket,id=tpm,fd=%d", plan_served_fd(q->plan, 0));
	argv_option(&q->argv, "-tpmdev", "emulator,id=tpm0,chardev=tpm");
	o = argv_object("driver", q->facts->tpm_device);
	put_text(&q->argv, o, "tpmdev", "tpm0");
	argv_json(&q->argv, "-device", o);
}

static void share(struct qemu *q, size_t i, size_t served)
{
	unsigned int port = qemu_port(q);
	struct json_object *o;

	argv_option(&q->argv, "-chardev", "socket,id=share%zu,fd=%d", i,
		    plan_served_fd(q->plan, served));
	o = argv_object("driver", "vhost-user-fs-pci");
	put_format(&q->argv, o, "id", "fs%zu", i);
	put_format(&q->argv, o, "chardev", "share%zu", i);
	put_text(&q->argv, o, "tag", q->profile->share[i].tag);
	put_format(&q->argv, o, "bus", "port%u", port);
	put_text(&q->argv, o, "addr", "0x0");
	argv_json(&q->argv, "-device", o);
}

/** qemu_beside() - the TPM and the shared directories, in the order in which plan_beside() has them */
void qemu_beside(struct qemu *q)
{
	size_t served = 0;

	if (q->plan->tpm_state) {
		tpm(q);
		served++;
	}
	for (size_t i = 0; i < q->profile->share_count && q->facts->virtiofsd; i++)
		share(q, i, served++);
}
