/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-profile.c - any bytes as a profile: no crash, and always a profile or an error */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/keys.h"
#include "profiles/profile.h"
#include "profiles/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

/* What a message shows may hold no control character but the newlines that end its lines. */
static void check_rendered(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length;) {
		uint32_t c = 0;
		size_t step = utf8_decode(text + i, length - i, &c);

		require(step && (c == '\n' || !utf8_is_control(c)));
		i += step;
	}
}

static void check_errors(const struct profile_errors *e, const char *text, size_t size)
{
	char *rendered = profile_errors_render(e, "x.profile", text, size, false);

	require(e->count > 0 && e->count <= PROFILE_ERRORS_MAX && !e->out_of_memory);
	for (size_t i = 0; i < e->count; i++)
		require(e->item[i].text && e->item[i].text[0] && (!e->item[i].pos.line || e->item[i].pos.column));
	require(rendered != NULL);
	check_rendered(rendered);
	free(rendered);
}

/* What every accepted profile promises to the rest of the program. */
static void check_profile(const struct profile *p)
{
	size_t arguments = p->qemu_argument.count;

	require(p->name && p->name[0] && strlen(p->name) <= PROFILE_NAME_MAX && !strchr(p->name, '/'));
	require(p->memory_bytes && p->cpus && p->threads && p->cpus % p->threads == 0);
	require(p->machine && p->qemu && p->sandbox == PROFILE_SANDBOX_STRICT);
	require(!p->user || strcmp(p->user, "root") != 0);
	for (size_t i = 0; i < p->device_count; i++)
		require(p->device[i].device.text && p->device[i].driver && p->device[i].device.address.device < 32 &&
			p->device[i].device.address.function < 8);
	for (size_t i = 0; i < p->disk_count; i++)
		require(p->disk[i].path && p->disk[i].path[0] == '/');
	while (arguments--)
		require(!profile_refused_argument(p->qemu_argument.item[arguments].text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct profile *p = NULL;
	struct profile_errors e = { 0 };
	/* A copy of the exact size, so that a byte read too far is seen. */
	char *text = malloc(size ? size : 1);
	int rc;

	require(text != NULL);
	if (size)
		memcpy(text, data, size);
	rc = profile_parse(text, size, "fuzz", &p, &e);
	require(rc == 0 || rc == -EINVAL);
	if (rc) {
		require(!p);
		check_errors(&e, text, size);
	} else {
		require(e.count == 0);
		check_profile(p);
	}
	profile_errors_fini(&e);
	profile_free(p);
	free(text);
	return 0;
}
