/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-machine.c - what the guest is shown of the host: enlightenments, maker and product */
#include <errno.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/host/qemu/hyperv.h"
#include "launcher/inspect/facts.h"
#include "profiles/profile.h"

/**
 * facts_find_hyperv() - the enlightenments that `hyperv = yes` stands for
 * @live:	this machine is asked; false: it is another one's tree
 * @f:		its emulator is known, if there is one
 *
 * Return: 0; EXIT_HOST with a failed "kvm" in @results
 */
int facts_find_hyperv(const struct opened_profile *o, bool live, struct facts *f,
		      struct check_results *results)
{
	int r;

	if (!o->profile->hyperv)
		return 0;
	r = live && f->qemu ? host_qemu_hyperv(f->qemu, &f->user, &f->plan.hyperv) : -ENOENT;
	if (r < 0)
		f->plan.hyperv = hyperv_of_every_kvm();
	if (r > 0)
		log_verbose("hyperv = yes: KVM did not answer user %s: what every KVM has is taken",
			    f->user.name);
	if (f->plan.hyperv)
		return 0;
	check_add(results, "kvm", CHECK_FAILED,
		  "write `hyperv = no`, or use a kernel with CONFIG_KVM_HYPERV",
		  "hyperv = yes: this host's KVM has no Hyper-V enlightenments");
	return EXIT_HOST;
}

/**
 * facts_find_smbios() - the strings that `smbios = host` stands for
 *
 * Return: 0; EXIT_HOST with a failed "files" in @results
 */
int facts_find_smbios(const struct opened_profile *o, struct host *host, struct facts *f,
		      struct check_results *results)
{
	const struct profile_pos *pos = &o->profile->smbios_pos;

	if (o->profile->smbios != PROFILE_SMBIOS_HOST)
		return 0;
	f->plan.smbios = &f->smbios;
	if (!host_smbios(host, &f->smbios))
		return 0;
	check_add(results, "files", CHECK_FAILED,
		  "write `smbios = none`, or the strings with `smbios-string`",
		  "%s: smbios = host: /sys/class/dmi/id has no maker or product",
		  opened_place(o, pos));
	return EXIT_HOST;
}
