/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packages.c - what each distribution calls what a VM needs, and its package manager
 *
 * By the names that the distributions' packages are known by; those of Debian are the ones that
 * tests/deps installs, no other was looked up in a distribution's own list.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/small-file.h"
#include "launcher/setup/packages.h"
#include "launcher/setup/setup.h"

enum family { APT, DNF, OSTREE, PACMAN, ZYPPER, APK, XBPS, FAMILIES };

/* clang-format off */

/* By ID and ID_LIKE of os-release(5); the first that fits. */
static const struct { const char *id; enum family family; } ids[] = {
	{ "debian", APT }, { "ubuntu", APT }, { "fedora", DNF }, { "rhel", DNF }, { "centos", DNF },
	{ "arch", PACMAN }, { "suse", ZYPPER }, { "opensuse", ZYPPER }, { "opensuse-tumbleweed", ZYPPER },
	{ "alpine", APK }, { "void", XBPS },
};

/*
 * Installing asks nothing. What takes a package away is a program that refuses when another one
 * needs it, and never takes that too; what came along with it stays.
 */
static const struct {
	const char *install[6], *remove[6];
	const char *typed; /* what a person types to install */
} managers[FAMILIES] = {
	[APT]    = { { "usr/bin/apt-get", "install", "-y", "--no-install-recommends" }, { "usr/bin/dpkg", "--remove" }, "apt install" },
	[DNF]    = { { "usr/bin/dnf", "install", "-y" }, { "usr/bin/rpm", "-e" }, "dnf install" },
	[OSTREE] = { { "usr/bin/rpm-ostree", "install", "--idempotent", "-y" }, { "usr/bin/rpm-ostree", "uninstall", "--idempotent", "-y" }, "rpm-ostree install" },
	[PACMAN] = { { "usr/bin/pacman", "-S", "--needed", "--noconfirm" }, { "usr/bin/pacman", "-R", "--noconfirm" }, "pacman -S" },
	[ZYPPER] = { { "usr/bin/zypper", "--non-interactive", "install", "--no-recommends" }, { "usr/bin/rpm", "-e" }, "zypper install" },
	[APK]    = { { "sbin/apk", "add" }, { "sbin/apk", "del" }, "apk add" },
	[XBPS]   = { { "usr/bin/xbps-install", "-y" }, { "usr/bin/xbps-remove", "-y" }, "xbps-install" },
};

static const struct package {
	const char *name;
	const char *there; /* one of these, and it is installed; * stands for a part of one name */
	const char *what;  /* what needs it */
	const char *of[FAMILIES]; /* words with a blank between are several packages */
} packages[] = {
	{ "qemu", "usr/bin/qemu-system-x86_64", "every VM",
	  { [APT] = "qemu-system-x86", [DNF] = "qemu-system-x86", [OSTREE] = "qemu-system-x86", [PACMAN] = "qemu-system-x86",
	    [ZYPPER] = "qemu-x86", [APK] = "qemu-system-x86_64", [XBPS] = "qemu" } },
	{ "firmware", "usr/share/qemu/firmware|usr/share/OVMF|usr/share/edk2|usr/share/edk2-ovmf|etc/qemu/firmware", "`firmware = uefi`",
	  { [APT] = "ovmf", [DNF] = "edk2-ovmf", [OSTREE] = "edk2-ovmf", [PACMAN] = "edk2-ovmf",
	    [ZYPPER] = "qemu-ovmf-x86_64", [APK] = "ovmf", [XBPS] = "edk2-ovmf" } },
	{ "disk-tools", "usr/bin/qemu-img", "the disks that `new` names, or makes",
	  { [APT] = "qemu-utils", [DNF] = "qemu-img", [OSTREE] = "qemu-img", [PACMAN] = "qemu-img",
	    [ZYPPER] = "qemu-img", [APK] = "qemu-img", [XBPS] = "qemu" } },
	{ "window", "usr/lib/*/qemu/ui-gtk.so|usr/lib64/qemu/ui-gtk.so|usr/lib64/qemu-kvm/ui-gtk.so|usr/lib/qemu/ui-gtk.so", "`type = gtk`, and so an installation in a window",
	  { [APT] = "qemu-system-gui", [DNF] = "qemu-ui-gtk", [OSTREE] = "qemu-ui-gtk", [PACMAN] = "qemu-ui-gtk",
	    [ZYPPER] = "qemu-ui-gtk", [APK] = "qemu-ui-gtk" } },
	{ "tpm", "usr/bin/swtpm", "[tpm], which Windows 11 asks for",
	  { [APT] = "swtpm swtpm-tools", [DNF] = "swtpm swtpm-tools", [OSTREE] = "swtpm swtpm-tools", [PACMAN] = "swtpm",
	    [ZYPPER] = "swtpm", [APK] = "swtpm", [XBPS] = "swtpm" } },
	{ "share", "usr/libexec/virtiofsd|usr/lib/qemu/virtiofsd|usr/lib/virtiofsd", "[share]",
	  { [APT] = "virtiofsd", [DNF] = "virtiofsd", [OSTREE] = "virtiofsd", [PACMAN] = "virtiofsd",
	    [ZYPPER] = "virtiofsd", [APK] = "virtiofsd", [XBPS] = "virtiofsd" } },
	{ "network", "usr/bin/passt", "`mode = user` without QEMU in the host's network",
	  { [APT] = "passt", [DNF] = "passt", [OSTREE] = "passt", [PACMAN] = "passt", [ZYPPER] = "passt", [APK] = "passt", [XBPS] = "passt" } },
};
/* clang-format on */

size_t setup_package_count(void)
{
	return ARRAY_SIZE(packages);
}

/** setup_package_name() - the name by which a need asks for it */
const char *setup_package_name(size_t row)
{
	return packages[row].name;
}

/** setup_package_for() - what of a profile needs it */
const char *setup_package_for(size_t row)
{
	return packages[row].what;
}

static const struct package *find_package(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(packages); i++)
		if (!strcmp(packages[i].name, name))
			return &packages[i];
	return NULL;
}

/** setup_package_is_there() - is it installed already? By its files, not by a package manager's
 * word */
bool setup_package_is_there(int root, const char *name)
{
	const struct package *p = find_package(name);

	return p && setup_any(root, p->there);
}

/* A value of os-release(5), without its quotes. */
static bool read_value(char *line, const char *key, char *buf, size_t size)
{
	size_t length = strlen(key);
	char *at = line + length + 1;

	if (strncmp(line, key, length) != 0 || line[length] != '=')
		return false;
	if (*at == '"' || *at == '\'')
		at++;
	at[strcspn(at, "\"'")] = '\0';
	(void)snprintf(buf, size, "%s", at);
	return true;
}

/* The first of these words that is known. */
static int family_of(char *words)
{
	char *save = NULL;

	for (const char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
			if (!strcmp(ids[i].id, w))
				return (int)ids[i].family;
	return -1;
}

/**
 * setup_system() - which distribution is it?
 * @out:	its family is -1 when no package manager of it is known
 */
void setup_system(int root, struct system *out)
{
	cleanup_free char *text = NULL;
	char id[64] = "", like[128] = "", words[200], *rest, *line;

	*out = (struct system){ .name = "this system", .family = -1 };
	if (host_text(root, "etc/os-release", &text) &&
	    host_text(root, "usr/lib/os-release", &text))
		return;
	rest = text;
	while ((line = host_next_line(&rest)))
		if (!read_value(line, "PRETTY_NAME", out->name, sizeof(out->name)) &&
		    !read_value(line, "ID", id, sizeof(id)))
			(void)read_value(line, "ID_LIKE", like, sizeof(like));
	(void)snprintf(words, sizeof(words), "%s %s", id, like);
	out->family = family_of(words);
	if (out->family == DNF && sysfs_exists(root, "run/ostree-booted"))
		out->family = OSTREE;
}

static int add_words(char *words, const char **argv, size_t room)
{
	char *save = NULL;
	size_t n = 0;

	while (argv[n])
		n++;
	for (const char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		if (n + 1 >= room)
			return -E2BIG;
		argv[n++] = w;
	}
	argv[n] = NULL;
	return 0;
}

/* A command of its own for each: each can be taken back without the others. */
static int install(int root, struct setup_plan *plan, size_t need, enum family family,
		   const char *names)
{
	const char *install[SETUP_ARGS_MAX] = { NULL }, *removes[SETUP_ARGS_MAX] = { NULL };
	char once[128], twice[128];
	int r;

	if (!sysfs_exists(root, managers[family].install[0]))
		return setup_by_hand(plan, need, "install %s: /%s is not there", names,
				     managers[family].install[0]);
	(void)snprintf(once, sizeof(once), "%s", names);
	(void)snprintf(twice, sizeof(twice), "%s", names);
	memcpy(install, managers[family].install, sizeof(managers[family].install));
	memcpy(removes, managers[family].remove, sizeof(managers[family].remove));
	r = add_words(once, install, ARRAY_SIZE(install));
	if (!r)
		r = add_words(twice, removes, ARRAY_SIZE(removes));
	if (!r)
		r = setup_add_command(plan, need, install, removes, true);
	plan->reboot |= family == OSTREE;
	return r;
}

/**
 * setup_packages() - the steps for all needs that are packages
 *
 * Return: 0, -ENOMEM or -E2BIG
 */
int setup_packages(int root, const struct system *s, struct setup_plan *plan)
{
	int r = 0;

	for (size_t i = 0; i < plan->need_count && !r; i++) {
		const struct package *p = find_package(plan->need[i].word);
		const char *names = p && s->family >= 0 ? p->of[s->family] : NULL;

		if (plan->need[i].kind != SETUP_PACKAGE)
			continue;
		if (names)
			r = install(root, plan, i, (enum family)s->family, names);
		else
			r = setup_by_hand(plan, i, "install %s with %s's own means",
					  plan->need[i].word, s->name);
	}
	return r;
}

/* As setup_system(), also of this machine. */
static void system_of(int root, struct system *out)
{
	cleanup_close int here = root == SETUP_HERE ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

	setup_system(root == SETUP_HERE ? here : root, out);
}

/**
 * setup_install() - what installs it here: "`apt install ovmf`"
 * @name:	as setup_package_name()
 */
const char *setup_install(int root, const char *name, char buf[SETUP_INSTALL_MAX])
{
	const struct package *p = find_package(name);
	const char *names;
	struct system s;

	system_of(root, &s);
	names = p && s.family >= 0 ? p->of[s.family] : NULL;
	if (names)
		(void)snprintf(buf, SETUP_INSTALL_MAX, "`%s %s`", managers[s.family].typed, names);
	else
		(void)snprintf(buf, SETUP_INSTALL_MAX, "install %s with this system's own means", name);
	return buf;
}

/**
 * setup_install_part() - the same for a part of QEMU that is packaged by itself
 * @debian:	its packages there; no other distribution's are known
 */
const char *setup_install_part(int root, const char *debian, char buf[SETUP_INSTALL_MAX])
{
	struct system s;

	system_of(root, &s);
	(void)snprintf(buf, SETUP_INSTALL_MAX, "install what QEMU has for it%s%s%s",
		       s.family == APT ? " (`apt install " : "", s.family == APT ? debian : "",
		       s.family == APT ? "`)" : "");
	return buf;
}
