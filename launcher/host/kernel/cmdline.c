/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmdline.c - the kernel's command line and modprobe.d, as kernel and kmod parse them
 *
 * A word that looks right can count for nothing: a later one undoes it, or it stands behind
 * "--", where the kernel does not look. And a remedy is one only when it names the place where
 * the thing stands.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "launcher/base/log.h"
#include "launcher/host/kernel/cmdline.h"
#include "launcher/host/small-file.h"

#define CMDLINE "the kernel's command line"

/* ---- words --------------------------------------------------------------------------------- */

struct word {
	const char *name;
	const char *value; /* NULL: there is no '=' */
};

/*
 * The next word: blanks inside double quotes are part of it, and the quotes around a word or a
 * value are not. Source: lib/cmdline.c, next_arg(); kmod reads its files so, too.
 */
static bool next_word(char **rest, struct word *out)
{
	char *at = *rest + strspn(*rest, " \t\n"), *value = NULL, *end;
	bool quoted = *at == '"', inside;

	*out = (struct word){ .name = NULL };
	if (!*at)
		return false;
	at += quoted;
	for (end = at, inside = quoted; *end && (inside || !isspace((unsigned char)*end)); end++) {
		if (*end == '=' && !value)
			value = end;
		if (*end == '"')
			inside = !inside;
	}
	*rest = *end ? end + 1 : end;
	*end = '\0';
	if (end > at && end[-1] == '"' && (quoted || (value && value[1] == '"')))
		end[-1] = '\0';
	if (value)
		*value++ = '\0';
	out->name = at;
	out->value = value && *value == '"' ? value + 1 : value;
	return true;
}

/* '-' and '_' are one sign in a name. Source: kernel/params.c, parameq() */
static bool is_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	return *a == *b;
}

/* The next one that is the kernel's: what stands behind "--" is for the first process. */
static bool next_parameter(char **rest, struct word *out)
{
	return next_word(rest, out) && strcmp(out->name, "--") != 0;
}

/* ---- where a word of the command line was written ------------------------------------------- */

/* The files that boot loaders make it from, as far as they are text. */
static const char *const cmdline_files[] = { "etc/default/grub", "etc/kernel/cmdline",
					     "boot/cmdline.txt", "boot/firmware/cmdline.txt" };
static const char *const cmdline_folders[] = { "etc/default/grub.d", "boot/loader/entries",
					       "efi/loader/entries", "boot/efi/loader/entries" };

/* Does a line have the word, by itself, outside a comment? */
static bool line_has(const char *line, const char *word)
{
	static const char around[] = " \t\"'=";
	size_t length = strlen(word);

	if (line[strspn(line, " \t")] == '#')
		return false;
	for (const char *at = line; (at = strstr(at, word)); at += length)
		if ((at == line || strchr(around, at[-1])) &&
		    (!at[length] || strchr(" \t\"'", at[length])))
			return true;
	return false;
}

static bool in_file(struct host *h, const char *path, const char *word, char place[HOST_PLACE_MAX])
{
	cleanup_free char *text = NULL;
	char *rest, *line, quoted[HOST_PLACE_MAX];

	if (host_text(host_root_fd(h), path, &text))
		return false;
	rest = text;
	for (unsigned int n = 1; (line = host_next_line(&rest)); n++)
		if (line_has(line, word)) {
			(void)snprintf(place, HOST_PLACE_MAX, CMDLINE " (/%s, line %u)",
				       log_quote(path, quoted, sizeof(quoted)), n);
			return true;
		}
	return false;
}

static bool in_folder(struct host *h, const char *folder, const char *word, char place[HOST_PLACE_MAX])
{
	char **name, path[320];
	bool found = false;
	size_t count;

	if (host_list(host_root_fd(h), folder, &name, &count))
		return false;
	for (size_t i = 0; i < count && !found; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, name[i]);
		found = in_file(h, path, word, place);
	}
	host_list_free(name, count);
	return found;
}

/* The command line itself, and the file that it comes from where one has the word. */
static void find_place(struct host *h, const char *word, char place[HOST_PLACE_MAX])
{
	(void)snprintf(place, HOST_PLACE_MAX, CMDLINE);
	for (size_t i = 0; i < ARRAY_SIZE(cmdline_files); i++)
		if (in_file(h, cmdline_files[i], word, place))
			return;
	for (size_t i = 0; i < ARRAY_SIZE(cmdline_folders); i++)
		if (in_folder(h, cmdline_folders[i], word, place))
			return;
}

/* ---- the IOMMU ------------------------------------------------------------------------------- */

/*
 * Each takes a list, and is taken again each time that it is there. Only Intel's can be switched
 * on again by a later word. Sources: arch/x86/kernel/pci-dma.c, iommu_setup();
 * drivers/iommu/intel/iommu.c, intel_iommu_setup(); drivers/iommu/amd/init.c,
 * parse_amd_iommu_options(); arch/x86/kernel/acpi/boot.c, parse_acpi(): without ACPI there is no
 * table that describes an IOMMU.
 */
static const struct iommu_switch {
	const char *parameter;
	enum host_cpu cpu; /* HOST_CPU_OTHER: all */
	bool on;	   /* has it a word for on? */
} switches[] = {
	{ "iommu", HOST_CPU_OTHER, false },
	{ "acpi", HOST_CPU_OTHER, false },
	{ "intel_iommu", HOST_CPU_INTEL, true },
	{ "amd_iommu", HOST_CPU_AMD, false },
};

/* What of a list counts in the end; the kernel compares beginnings. Return: "on", "off" or NULL */
static const char *last_of(const char *list, bool has_on)
{
	const char *last = NULL;

	for (; *list; list += strcspn(list, ","), list += strspn(list, ",")) {
		if (!strncmp(list, "off", 3))
			last = "off";
		else if (has_on && !strncmp(list, "on", 2))
			last = "on";
	}
	return last;
}

static void take_switch(struct host *h, const struct iommu_switch *s, char *text,
			struct host_iommu_words *out)
{
	char whole[64] = "", quoted[64], *rest = text;
	const char *counts = NULL;
	struct word w;

	while (next_parameter(&rest, &w)) {
		const char *now;

		if (!is_name(w.name, s->parameter) || !w.value)
			continue;
		now = last_of(w.value, s->on);
		if (!now)
			continue;
		(void)snprintf(whole, sizeof(whole), "%s=%s", w.name, w.value);
		counts = now;
	}
	if (counts && s->on)
		out->asked = !strcmp(counts, "on");
	if (!counts || strcmp(counts, "off") != 0 || *out->off)
		return;
	find_place(h, whole, out->place);
	(void)snprintf(out->off, sizeof(out->off), "%s%s", strchr(whole, ',') ? "`off` of " : "",
		       log_quote(whole, quoted, sizeof(quoted)));
}

/**
 * host_iommu_words() - the kernel's command line, as far as it concerns this processor's IOMMU
 * @cpu:	HOST_CPU_OTHER: it may be either's
 */
void host_iommu_words(struct host *h, enum host_cpu cpu, struct host_iommu_words *out)
{
	*out = (struct host_iommu_words){ .asked = false };
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++) {
		cleanup_free char *text = NULL;

		if (switches[i].cpu != HOST_CPU_OTHER && cpu != HOST_CPU_OTHER && switches[i].cpu != cpu)
			continue;
		if (!host_text(host_root_fd(h), "proc/cmdline", &text))
			take_switch(h, &switches[i], text, out);
	}
}

/* ---- parameters of modules ------------------------------------------------------------------- */

/* In the order in which they win over each other. Source: modprobe.d(5). */
static const char *const folders[] = { "etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d",
				       "usr/lib/modprobe.d", "lib/modprobe.d" };

struct conf {
	const char *folder;
	char *name;
};

struct confs {
	struct conf *item;
	size_t count;
};

static int by_conf_name(const void *a, const void *b)
{
	return strcmp(((const struct conf *)a)->name, ((const struct conf *)b)->name);
}

static bool has_conf(const struct confs *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->item[i].name, name))
			return true;
	return false;
}

static int add_conf(struct confs *c, const char *folder, const char *name)
{
	size_t length = strlen(name);
	struct conf *bigger;

	if (length < 6 || strcmp(name + length - 5, ".conf") != 0 || has_conf(c, name))
		return 0; /* a file hides those of its name in the folders behind */
	bigger = reallocarray(c->item, c->count + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	c->item = bigger;
	bigger[c->count] = (struct conf){ .folder = folder, .name = strdup(name) };
	return bigger[c->count].name ? (c->count++, 0) : -ENOMEM;
}

static void confs_fini(struct confs *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->item[i].name);
	free(c->item);
}

/* The files that count, in the order in which they are read: by their names. */
static int list_confs(struct host *h, struct confs *c)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(folders) && !r; i++) {
		char **name;
		size_t count;

		r = host_list(host_root_fd(h), folders[i], &name, &count);
		if (r) {
			r = r == -ENOMEM ? r : 0;
			continue;
		}
		for (size_t k = 0; k < count && !r; k++)
			r = add_conf(c, folders[i], name[k]);
		host_list_free(name, count);
	}
	if (c->count)
		qsort(c->item, c->count, sizeof(*c->item), by_conf_name);
	return r;
}

struct asked {
	const char *module, *parameter;
	host_option_fn fn;
	void *context;
};

/* "options vfio-pci disable_vga=1 ids=10de:2486" */
static int take_options(const struct asked *a, char *line, const char *place)
{
	struct word w;
	int r = 0;

	if (!next_word(&line, &w) || strcmp(w.name, "options") != 0 || w.value ||
	    !next_word(&line, &w) || !is_name(w.name, a->module))
		return 0;
	while (!r && next_word(&line, &w))
		if (is_name(w.name, a->parameter))
			r = a->fn(a->context, w.value ? w.value : "", place);
	return r;
}

/* A line that ends in a backslash goes on in the next one. */
static void join_lines(char *text)
{
	for (char *at = text; (at = strstr(at, "\\\n")); at += 2)
		at[0] = at[1] = ' ';
}

static unsigned int count_lines(const char *from, const char *to)
{
	unsigned int n = 0;

	for (; from < to; from++)
		n += *from == '\n';
	return n;
}

static int take_conf(struct host *h, const struct conf *conf, const struct asked *a)
{
	cleanup_free char *text = NULL;
	cleanup_free char *whole = NULL;
	char path[320], place[HOST_PLACE_MAX], *rest, *line;
	int r = 0;

	(void)snprintf(path, sizeof(path), "%s/%s", conf->folder, conf->name);
	if (host_text(host_root_fd(h), path, &text))
		return 0;
	whole = strdup(text); /* with its lines as an editor counts them */
	if (!whole)
		return -ENOMEM;
	join_lines(text);
	rest = text;
	while (!r && (line = host_next_line(&rest))) {
		char quoted[HOST_PLACE_MAX];

		if (*line == '#')
			continue;
		(void)snprintf(place, sizeof(place), "/%s, line %u", log_quote(path, quoted, sizeof(quoted)),
			       count_lines(whole, whole + (line - text)) + 1);
		r = take_options(a, line, place);
	}
	return r;
}

/* "vfio-pci.ids=10de:2486": modprobe takes these after its files'. */
static int take_cmdline(struct host *h, const struct asked *a)
{
	cleanup_free char *text = NULL;
	char word[HOST_PLACE_MAX], place[HOST_PLACE_MAX], *rest, *dot;
	struct word w;
	int r = 0;

	if (host_text(host_root_fd(h), "proc/cmdline", &text))
		return 0;
	rest = text;
	while (!r && next_parameter(&rest, &w)) {
		(void)snprintf(word, sizeof(word), "%s%s%s", w.name, w.value ? "=" : "",
			       w.value ? w.value : "");
		dot = strchr((char *)(uintptr_t)w.name, '.');
		if (!dot)
			continue;
		*dot = '\0';
		if (!is_name(w.name, a->module) || !is_name(dot + 1, a->parameter))
			continue;
		find_place(h, word, place);
		r = a->fn(a->context, w.value ? w.value : "", place);
	}
	return r;
}

/**
 * host_module_options() - what a parameter of a module is set to, and where
 * @module:	'-' and '_' are one sign in it
 * @fn:		called for each; of a parameter that is no list the last one counts. Not 0 ends it
 *
 * Return: 0, -ENOMEM, or what @fn returned
 */
int host_module_options(struct host *h, const char *module, const char *parameter, host_option_fn fn,
			void *context)
{
	const struct asked a = { module, parameter, fn, context };
	struct confs c = { .count = 0 };
	int r = list_confs(h, &c);

	for (size_t i = 0; i < c.count && !r; i++)
		r = take_conf(h, &c.item[i], &a);
	confs_fini(&c);
	return r ? r : take_cmdline(h, &a);
}

struct places {
	char *buf;
	size_t size;
};

static int add_place(void *context, const char *value, const char *place)
{
	struct places *p = context;
	size_t used = strlen(p->buf);

	(void)value;
	if (!strstr(p->buf, place))
		(void)snprintf(p->buf + used, p->size - used, "%s%s", used ? " and " : "", place);
	return 0;
}

/**
 * host_module_places() - every place that sets a parameter, in words
 * @buf:	receives "" when there is none: it was set by hand
 *
 * Return: @buf
 */
const char *host_module_places(struct host *h, const char *module, const char *parameter, char *buf,
			       size_t size)
{
	struct places p = { buf, size };

	*buf = '\0';
	if (host_module_options(h, module, parameter, add_place, &p))
		*buf = '\0';
	return buf;
}
