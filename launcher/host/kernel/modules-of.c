/* SPDX-License-Identifier: GPL-2.0-or-later */
/* modules-of.c - the modules of the kernel that a snapshot was taken of */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/host.h"
#include "launcher/host/kernel/modules.h"

/**
 * host_modules_of() - of this machine the running kernel's; of a captured tree its own
 * @out:	closed with host_modules_close()
 *
 * Return: 0; -ENODATA the captured tree does not contain which kernel it is of; else as
 * host_modules_open()
 */
int host_modules_of(struct host *host, struct host_modules **out)
{
	char release[HOST_WORD_MAX], path[PATH_MAX];
	int root = host_root_fd(host);

	if (host_is_live(host))
		return host_modules_open(NULL, out);
	if (sysfs_read(root, "proc/sys/kernel/osrelease", release, sizeof(release)) < 0)
		return -ENODATA;
	/* by this process's number: another one reads there */
	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d/lib/modules/%s", (int)getpid(), root,
		       release);
	return host_modules_open(path, out);
}

/**
 * host_modules_are_off() - does this kernel load none any more?
 *
 * Only a reboot takes that away. Source: Documentation/admin-guide/sysctl/kernel.rst
 */
bool host_modules_are_off(int root)
{
	char text[8];

	return sysfs_read(root, "proc/sys/kernel/modules_disabled", text, sizeof(text)) > 0 &&
	       *text == '1';
}

/**
 * host_modules_want_signatures() - does this kernel load signed modules alone?
 *
 * Source: module_sig_check() in kernel/module/signing.c
 *
 * Return: what forbids others, or NULL
 */
const char *host_modules_want_signatures(int root)
{
	char text[64];

	if (sysfs_read(root, "sys/module/module/parameters/sig_enforce", text, sizeof(text)) > 0 &&
	    *text == 'Y')
		return "module.sig_enforce";
	if (sysfs_read(root, "sys/kernel/security/lockdown", text, sizeof(text)) > 0 &&
	    strchr(text, '[') && !strstr(text, "[none]"))
		return "lockdown";
	return NULL;
}
