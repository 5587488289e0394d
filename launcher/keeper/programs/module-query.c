/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * module-query.c - answers questions about kernel modules, one line each; changes nothing
 *
 * vfio-run asks these here instead of linking libkmod: on Debian 12 that draws libcrypto,
 * libzstd and liblzma into every process, which costs more than the rest of its start.
 *
 *	first line	0, or -errno: there are no modules in that directory
 *	state NAME	0 and a word of module-query.h, or -errno
 *	signed NAME	0 and yes or no: that module and those it needs, as far as not loaded
 *	variant ALIAS	0 and the driver that fits the alias most closely
 *	names ALIAS	0 and the modules whose aliases match, each once
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libkmod.h>

#include "launcher/keeper/programs/module-query.h"

#define QUERY_MAX 512

static void cleanup_list(struct kmod_list **list)
{
	(void)kmod_module_unref_list(*list);
}
#define cleanup_kmod_list __attribute__((cleanup(cleanup_list)))

/* The index can have what is not there any more, as after half an update. */
static bool is_on_disk(struct kmod_module *mod)
{
	struct kmod_list *needs cleanup_kmod_list = kmod_module_get_dependencies(mod);
	const char *path = kmod_module_get_path(mod);
	bool there = !path || access(path, R_OK) == 0;
	struct kmod_list *i;

	kmod_list_foreach(i, needs) {
		struct kmod_module *other = kmod_module_get_module(i);

		path = kmod_module_get_path(other);
		there = there && (!path || access(path, R_OK) == 0);
		(void)kmod_module_unref(other);
	}
	return there;
}

static void answer_state(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list cleanup_kmod_list = NULL;
	struct kmod_module *mod;
	int r = kmod_module_new_from_lookup(ctx, name, &list), state;
	bool there;

	if (r < 0 || !list) {
		(void)printf("%d %s\n", r < 0 ? r : 0, r < 0 ? "" : "missing");
		return;
	}
	mod = kmod_module_get_module(list);
	state = kmod_module_get_initstate(mod);
	there = is_on_disk(mod);
	(void)kmod_module_unref(mod);
	(void)printf("0 %s\n", state == KMOD_MODULE_BUILTIN ? "builtin" :
		     state == KMOD_MODULE_LIVE	  ? "loaded" :
		     there			  ? "available" :
						    "missing");
}

/* libkmod reports a signature when the file ends with one; only the kernel verifies it.
 */
static bool is_signed(struct kmod_module *mod)
{
	int state = kmod_module_get_initstate(mod);
	struct kmod_list *info = NULL, *i;
	bool found = state == KMOD_MODULE_BUILTIN || state == KMOD_MODULE_LIVE;

	if (found || kmod_module_get_info(mod, &info) < 0)
		return found;
	kmod_list_foreach(i, info) found = found || !strcmp(kmod_module_info_get_key(i), "sig_id");
	kmod_module_info_free_list(info);
	return found;
}

static void answer_signed(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list cleanup_kmod_list = NULL, *needs cleanup_kmod_list = NULL;
	int r = kmod_module_new_from_lookup(ctx, name, &list);
	struct kmod_module *mod;
	struct kmod_list *i;
	bool all;

	if (r < 0 || !list) {
		(void)printf("%d\n", r < 0 ? r : -ENOENT);
		return;
	}
	mod = kmod_module_get_module(list);
	needs = kmod_module_get_dependencies(mod);
	all = is_signed(mod);
	(void)kmod_module_unref(mod);
	kmod_list_foreach(i, needs)
	{
		mod = kmod_module_get_module(i);
		all = all && is_signed(mod);
		(void)kmod_module_unref(mod);
	}
	(void)printf("0 %s\n", all ? "yes" : "no");
}

/* How closely a module's best alias fits: its letters that are no wildcard; -1: not at all. */
static int closeness(struct kmod_module *mod, const char *alias)
{
	struct kmod_list *info = NULL, *i;
	int best = -1;

	if (kmod_module_get_info(mod, &info) < 0)
		return -1;
	kmod_list_foreach(i, info) {
		const char *value = kmod_module_info_get_value(i);
		int letters = 0;

		if (strcmp(kmod_module_info_get_key(i), "alias") || fnmatch(value, alias, 0))
			continue;
		for (; *value; value++)
			letters += *value != '*';
		if (letters > best)
			best = letters;
	}
	kmod_module_info_free_list(info);
	return best;
}

/*
 * Source: drivers/vfio/pci, PCI_DRIVER_OVERRIDE_DEVICE_VFIO: such a driver's aliases start
 * with "vfio_pci:". A driver is taken to be named as its module, with dashes, as they all are.
 */
static void answer_variant(struct kmod_ctx *ctx, const char *modalias)
{
	struct kmod_list *list cleanup_kmod_list = NULL;
	char alias[QUERY_MAX + 8], driver[128] = "vfio-pci";
	struct kmod_list *i;
	int r, best = -1;

	(void)snprintf(alias, sizeof(alias), "vfio_%s", modalias);
	r = kmod_module_new_from_lookup(ctx, alias, &list);
	kmod_list_foreach(i, list) {
		struct kmod_module *mod = kmod_module_get_module(i);
		int close = closeness(mod, alias);

		if (close > best && strcmp(kmod_module_get_name(mod), "vfio_pci")) {
			best = close;
			(void)snprintf(driver, sizeof(driver), "%s", kmod_module_get_name(mod));
		}
		(void)kmod_module_unref(mod);
	}
	for (char *c = driver; *c; c++)
		if (*c == '_')
			*c = '-';
	(void)printf("%d %s\n", r < 0 ? r : 0, driver);
}

/* Was this name printed for an earlier one of the list? */
static bool named_before(struct kmod_list *list, const struct kmod_list *end, const char *name)
{
	struct kmod_list *i;

	kmod_list_foreach(i, list) {
		struct kmod_module *mod = kmod_module_get_module(i);
		bool same = i != end && !strcmp(kmod_module_get_name(mod), name);

		(void)kmod_module_unref(mod);
		if (i == end || same)
			return same;
	}
	return false;
}

static void answer_names(struct kmod_ctx *ctx, const char *modalias)
{
	struct kmod_list *list cleanup_kmod_list = NULL;
	struct kmod_list *i;
	int r = kmod_module_new_from_lookup(ctx, modalias, &list);

	(void)printf("%d", r < 0 ? r : 0);
	kmod_list_foreach(i, list) {
		struct kmod_module *mod = kmod_module_get_module(i);

		if (!named_before(list, i, kmod_module_get_name(mod)))
			(void)printf(" %s", kmod_module_get_name(mod));
		(void)kmod_module_unref(mod);
	}
	(void)putchar('\n');
}

/* clang-format off */
static const struct {
	const char *word;
	void (*answer)(struct kmod_ctx *ctx, const char *argument);
} queries[] = {
	{ "state ",   answer_state },
	{ "signed ",  answer_signed },
	{ "variant ", answer_variant },
	{ "names ",   answer_names },
};
/* clang-format on */

static void answer(struct kmod_ctx *ctx, char *line)
{
	line[strcspn(line, "\n")] = '\0';
	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++)
		if (!strncmp(line, queries[i].word, strlen(queries[i].word))) {
			queries[i].answer(ctx, line + strlen(queries[i].word));
			return;
		}
	(void)printf("%d\n", -EINVAL);
}

/**
 * module_query() - answer the lines of stdin until it ends
 * @directory:	"" for the running kernel's modules, or another one like /lib/modules/VERSION
 *
 * Return: the exit status
 */
int module_query(const char *directory)
{
	/* modprobe.d is for loading, which is not done here; reading all of it takes 10 ms. */
	static const char *const no_config[] = { "/nonexistent", NULL };
	struct kmod_ctx *ctx = kmod_new(*directory ? directory : NULL, no_config);
	/* Asked now: a lookup in a directory that is missing finds nothing, without an error. */
	int r = ctx ? kmod_load_resources(ctx) : -ENOMEM;
	char line[QUERY_MAX];

	(void)printf("%d\n", r < 0 ? r : 0);
	(void)fflush(stdout);
	while (r >= 0 && fgets(line, sizeof(line), stdin)) {
		answer(ctx, line);
		(void)fflush(stdout);
	}
	if (ctx)
		(void)kmod_unref(ctx);
	return r < 0;
}
