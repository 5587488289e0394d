/* SPDX-License-Identifier: GPL-2.0-or-later */
/* setup-needs.c - from checks that failed to what would mend them */
#include <stdio.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/commands/setup/setup.h"
#include "launcher/host/host.h"
#include "launcher/host/kernel/cmdline.h"
#include "launcher/host/kernel/machine.h"
#include "profiles/profile.h"

struct looking {
	struct host *host;
	const struct profile *profile; /* NULL: none was named */
	struct setup_lack *lack;
	const struct check_result *result; /* the one at work */
};

/* Return: is it one that the steps can be worked out for? */
static bool add_need(const struct looking *l, const char *text)
{
	struct setup_lack *lack = l->lack;
	struct setup_need *new = &lack->need[lack->need_count];

	if (lack->need_count == SETUP_NEEDS_MAX || !setup_need_parse(text, new))
		return false;
	for (size_t i = 0; i < lack->need_count; i++)
		if (lack->need[i].kind == new->kind && !strcmp(lack->need[i].word, new->word))
			return true;
	new->check = l->result ? l->result->check : NULL;
	new->why = l->result ? l->result->detail : NULL;
	lack->need_count++;
	return true;
}

static bool firmware_has(const struct looking *l, enum host_cpu cpu)
{
	return sysfs_exists(host_root_fd(l->host), cpu == HOST_CPU_AMD
							   ? "sys/firmware/acpi/tables/IVRS"
							   : "sys/firmware/acpi/tables/DMAR");
}

/* Return: is all of it a matter of the kernel's command line? Else the check's remedy says the rest
 */
static bool mend_iommu(const struct looking *l)
{
	struct host_iommu_words words;
	struct host_machine m;
	char text[sizeof(words.off) + 32];
	bool all = true;

	if (host_machine(l->host, &m))
		m.cpu = HOST_CPU_OTHER;
	host_iommu_words(l->host, m.cpu, &words);
	if (*words.off) {
		(void)snprintf(text, sizeof(text), "no-parameter=%s", words.off);
		all = add_need(l, text);
	}
	if (m.cpu == HOST_CPU_INTEL && !words.asked)
		all &= add_need(l, "parameter=intel_iommu=on");
	else if (!*words.off)
		return false;
	return all && firmware_has(l, m.cpu);
}

static bool mend_no_iommu(const struct looking *l)
{
	return host_parameter_is_on(l->host, "vfio", "enable_unsafe_noiommu_mode") &&
	       add_need(l, "no-option=vfio:enable_unsafe_noiommu_mode");
}

static bool mend_interrupts(const struct looking *l)
{
	bool all = true;

	if (host_parameter_is_on(l->host, "vfio_iommu_type1", "allow_unsafe_interrupts"))
		all &= add_need(l, "no-option=vfio_iommu_type1:allow_unsafe_interrupts");
	if (host_parameter_is_on(l->host, "iommufd", "allow_unsafe_interrupts"))
		all &= add_need(l, "no-option=iommufd:allow_unsafe_interrupts");
	return all;
}

/* A package's absence, and not its age, is what can be mended here. */
static bool lacks_package(const struct looking *l, const char *name)
{
	char text[SETUP_WORD_MAX];

	if (setup_package_is_there(host_root_fd(l->host), name))
		return false;
	(void)snprintf(text, sizeof(text), "package=%s", name);
	return add_need(l, text);
}

static bool mend_qemu(const struct looking *l)
{
	return lacks_package(l, "qemu");
}

static bool mend_firmware(const struct looking *l)
{
	return lacks_package(l, "firmware");
}

static bool mend_beside(const struct looking *l)
{
	bool some = l->profile && l->profile->has_tpm && lacks_package(l, "tpm");

	return (l->profile && l->profile->share_count && lacks_package(l, "share")) || some;
}

static bool mend_display(const struct looking *l)
{
	return l->profile && profile_display_type(l->profile) == PROFILE_DISPLAY_GTK &&
	       lacks_package(l, "window");
}

/* What the remedy of a disk that is not there is typed with; the disk itself is its owner's. */
static bool mend_files(const struct looking *l)
{
	if (l->profile && l->profile->disk_count)
		(void)lacks_package(l, "disk-tools");
	return false;
}

static const struct {
	const char *check;
	bool (*mend)(const struct looking *l); /* Return: was all of it made a need? */
} menders[] = {
	{ "iommu", mend_iommu },
	{ "no-iommu-mode", mend_no_iommu },
	{ "unsafe-interrupts", mend_interrupts },
	{ "qemu", mend_qemu },
	{ "firmware", mend_firmware },
	{ "beside", mend_beside },
	{ "display", mend_display },
	{ "files", mend_files },
};

/** setup_mends() - does setup have steps for this check, on some host at least? Files themselves are their owner's */
bool setup_mends(const char *check)
{
	for (size_t i = 0; i < ARRAY_SIZE(menders); i++)
		if (!strcmp(menders[i].check, check) && menders[i].mend != mend_files)
			return true;
	return false;
}

static void take_result(const struct looking *l)
{
	struct setup_lack *lack = l->lack;

	for (size_t i = 0; i < ARRAY_SIZE(menders); i++)
		if (!strcmp(menders[i].check, l->result->check) && menders[i].mend(l))
			return;
	if (lack->hand_count < ARRAY_SIZE(lack->hand))
		lack->hand[lack->hand_count++] = l->result;
}

/* What every VM, and a profile as `new` writes it, needs; the rest only as an offer. */
static void take_packages(struct looking *l)
{
	static const struct {
		const char *name, *why; /* NULL: as every package */
	} always[] = { { "qemu", NULL },
		       { "firmware", NULL },
		       { "disk-tools", "it is not installed, and makes the disks that `new` names" } };
	struct setup_lack *lack = l->lack;
	int root = host_root_fd(l->host);

	if (!sysfs_exists(root, "usr/bin"))
		return; /* a capture: of what is installed it has nothing */
	l->result = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(always) && !l->profile; i++)
		if (lacks_package(l, always[i].name) && always[i].why)
			lack->need[lack->need_count - 1].why = always[i].why;
	for (size_t i = 0; i < setup_package_count() && lack->extra_count < SETUP_NEEDS_MAX; i++) {
		struct setup_need *new = &lack->extra[lack->extra_count];
		char text[SETUP_WORD_MAX];
		bool asked = false;

		(void)snprintf(text, sizeof(text), "package=%s", setup_package_name(i));
		for (size_t k = 0; k < lack->need_count; k++)
			asked |= lack->need[k].kind == SETUP_PACKAGE &&
				 !strcmp(lack->need[k].word, setup_package_name(i));
		if (asked || setup_package_is_there(root, setup_package_name(i)) ||
		    !setup_need_parse(text, new))
			continue;
		new->why = setup_package_for(i);
		lack->extra_count++;
	}
}

/* As their steps come first. */
static void packages_first(struct setup_lack *lack)
{
	struct setup_need sorted[SETUP_NEEDS_MAX] = { { .check = NULL } };
	size_t count = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < lack->need_count; i++)
			if ((lack->need[i].kind == SETUP_PACKAGE) == !pass)
				sorted[count++] = lack->need[i];
	memcpy(lack->need, sorted, count * sizeof(*sorted));
}

/**
 * setup_find_lack() - what of the failed checks setup can mend, and what is its owner's
 * @results:	borrowed by @out
 * @profile:	NULL: of any VM
 */
void setup_find_lack(struct host *host, const struct check_results *results,
		     const struct profile *profile, struct setup_lack *out)
{
	struct looking l = { .host = host, .profile = profile, .lack = out };

	*out = (struct setup_lack){ .need_count = 0 };
	for (size_t i = 0; i < results->count; i++) {
		l.result = &results->item[i];
		if (l.result->state == CHECK_FAILED)
			take_result(&l);
	}
	take_packages(&l);
	packages_first(out);
}

/** setup_is_ready() - does nothing lack that is needed? */
bool setup_is_ready(const struct setup_lack *lack)
{
	return !lack->need_count && !lack->hand_count;
}
