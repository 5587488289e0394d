/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-shm.c - QEMU's arguments for memory that a guest shares with programs of the host */
#include <json-c/json.h>

#include "launcher/plan/changes/shm.h"
#include "launcher/plan/qemu/qemu.h"
#include "profiles/profile.h"

static void memory(struct qemu *q, const struct plan_shm *shm)
{
	struct json_object *o = argv_object("qom-type", "memory-backend-file");

	put_format(&q->argv, o, "id", "%s-memory", shm->id);
	put_number(&q->argv, o, "size", shm->bytes);
	if (shm->file)
		put_format(&q->argv, o, "mem-path", "/dev/fd/%d", shm->fd);
	else
		put_text(&q->argv, o, "mem-path", q->profile->looking_glass_device);
	put_bool(&q->argv, o, "share", true);
	argv_json(&q->argv, "-object", o);
}

static void device(struct qemu *q, const struct plan_shm *shm)
{
	unsigned int port = qemu_port(q);
	struct json_object *o = argv_object("driver", "ivshmem-plain");

	put_text(&q->argv, o, "id", shm->id);
	put_format(&q->argv, o, "memdev", "%s-memory", shm->id);
	put_format(&q->argv, o, "bus", "port%u", port);
	argv_json(&q->argv, "-device", o);
}

/** qemu_shm() - a device of the guest's for each, in their order: by that guests tell them apart */
void qemu_shm(struct qemu *q)
{
	for (size_t i = 0; i < plan_shm_count(q->profile); i++) {
		struct plan_shm shm;

		plan_shm(q->profile, q->facts, i, &shm);
		memory(q, &shm);
		device(q, &shm);
	}
}
