/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts-firmware.c - the guest's firmware and its variables: the checks "firmware" and "files"
 *
 * The variables' format follows from the name of their file, never from what is in it: a guest
 * can write to its flash. Only their first bytes and their size are looked at, as the user.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/host/user/as-user.h"
#include "launcher/inspect/looking.h"
#include "launcher/setup/packages.h"
#include "profiles/profile.h"

#define FLASH_PAGE 4096
#define FLASH_BYTES_MAX (8u << 20) /* of code and variables: max-fw-size of QEMU's PCs */

static const char *format_of(const char *path)
{
	static const char ending[] = ".qcow2";
	size_t length = strlen(path), n = sizeof(ending) - 1;

	return length >= n && !strcmp(path + length - n, ending) ? "qcow2" : "raw";
}

static enum firmware_want want_of(const struct profile *p)
{
	return p->firmware == PROFILE_FIRMWARE_UEFI_SECURE ? FIRMWARE_SECURE : FIRMWARE_PLAIN;
}

/* ---- where they are ----------------------------------------------------------------------- */

/*
 * Variables with Secure Boot's keys in them are a file of their own: those of a VM that had
 * none before would leave it off, without a word.
 */
static int name_in_state(const struct opened_profile *o, const struct facts *f, const char *format,
			 char **out)
{
	bool secure = o->profile->firmware == PROFILE_FIRMWARE_UEFI_SECURE;

	if (asprintf(out, "%s/.local/state/vfio-run/%s/VARS%s%s.%s", f->user.home, o->profile->name,
		     o->profile->trial_s ? "-try" : "", secure ? "-secure" : "", strcmp(format, "qcow2") ? "fd" : "qcow2") >= 0)
		return 0;
	*out = NULL;
	return -ENOMEM;
}

static bool is_there(const struct facts *f, const char *path)
{
	uint32_t mode = 0;

	return (!geteuid() || geteuid() == f->user.uid) && !as_user_kind(&f->user, path, &mode) &&
	       mode;
}

/* A VM keeps its variables when an update of the firmware brings templates of another format. */
static int default_nvram(const struct opened_profile *o, struct facts *f, const char *format)
{
	const char *other = strcmp(format, "qcow2") ? "qcow2" : "raw";
	cleanup_free char *older = NULL;
	int r = name_in_state(o, f, format, &f->nvram);

	if (!r)
		r = name_in_state(o, f, other, &older);
	if (r || is_there(f, f->nvram) || !is_there(f, older))
		return r;
	free(f->nvram);
	f->nvram = take_ptr(older);
	return 0;
}

static int take_nvram(const struct opened_profile *o, struct facts *f, const char *format)
{
	int r = 0;

	if (!o->profile->nvram)
		r = default_nvram(o, f, format);
	else if (!(f->nvram = strdup(o->profile->nvram)))
		r = -ENOMEM;
	if (!r) {
		f->plan.nvram = f->nvram;
		f->plan.nvram_format = format_of(f->nvram);
	}
	return r;
}

static int not_found(enum firmware_want want, const struct firmware *found, int error,
		     struct check_results *results)
{
	bool secure = want == FIRMWARE_SECURE;
	const char *word = secure ? "uefi-secure" : "uefi";
	char install[SETUP_INSTALL_MAX], remedy[SETUP_INSTALL_MAX + 48];

	(void)snprintf(remedy, sizeof(remedy), "%s, or write `firmware = %s`",
		       setup_install(SETUP_HERE, "firmware", install), secure ? "uefi" : "bios");

	if (error != -ENOENT)
		check_add(results, "firmware", CHECK_FAILED, "try it again", "firmware = %s: %s",
			  word, strerror(-error));
	else
		check_add(results, "firmware", CHECK_FAILED, remedy,
			  "firmware = %s: no firmware descriptor names one for q35%s%s%s%s",
			  word, found->passed ? "; " : "",
			  found->passed ? found->passed : "", found->passed ? " " : "",
			  found->passed ? found->why : "");
	return EXIT_HOST;
}

/* Keys may be in a VM's own variables by now. */
static void remark_on_keys(const struct opened_profile *o, const struct facts *f,
			   struct check_results *results)
{
	const struct firmware *found = &f->firmware;
	static const char remedy[] =
		"enroll keys in the firmware's setup, or install variables with keys";

	if (!found->no_keys || is_there(f, f->nvram))
		return;
	log_warning(
		"firmware = uefi-secure: the variables of %s hold no keys: Secure Boot is off until "
		"there are; %s",
		found->descriptor, remedy);
	check_add(
		results, "firmware", CHECK_OK, remedy,
		"%s: firmware = uefi-secure: no keys are in %s: Secure Boot is off until there are",
		o->path, found->nvram_template);
}

static int find(enum firmware_want want, struct firmware *out)
{
	cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return firmware_find(root, want, out);
}

/**
 * facts_find_any_firmware() - what a profile gets that names none
 *
 * Return: 0; EXIT_HOST with a failed "firmware" in @results
 */
int facts_find_any_firmware(struct facts *f, struct check_results *results)
{
	int rc = find(FIRMWARE_PLAIN, &f->firmware);

	return rc ? not_found(FIRMWARE_PLAIN, &f->firmware, rc, results) : 0;
}

/**
 * facts_find_firmware() - the firmware, by the profile or QEMU's descriptors, and its variables
 * @f:		its user is known
 *
 * Return: 0; EXIT_HOST with a failed "firmware" in @results
 */
int facts_find_firmware(const struct opened_profile *o, struct facts *f,
			struct check_results *results)
{
	const struct profile *p = o->profile;
	struct firmware *found = &f->firmware;
	int rc;

	if (p->firmware == PROFILE_FIRMWARE_BIOS)
		return 0;
	if (p->firmware_image) {
		f->plan.firmware_code = p->firmware_image;
		f->plan.firmware_format = "raw"; /* facts_look_at_firmware() knows better */
		return take_nvram(o, f, "raw") ? EXIT_HOST : 0;
	}
	rc = find(want_of(p), found);
	if (!rc)
		rc = take_nvram(o, f, found->nvram_format);
	if (rc)
		return not_found(want_of(p), found, rc, results);
	if (found->passed)
		log_verbose("%s: passed over: it %s", found->passed, found->why);
	remark_on_keys(o, f, results);
	f->plan.firmware_code = found->code;
	f->plan.firmware_format = found->code_format;
	f->plan.nvram_template = found->nvram_template;
	return 0;
}

/**
 * facts_assume_firmware() - of another machine: what its distribution has most likely
 *
 * Return: 0 or -ENOMEM
 */
int facts_assume_firmware(const struct opened_profile *o, struct facts *f)
{
	const struct profile *p = o->profile;
	bool secure = p->firmware == PROFILE_FIRMWARE_UEFI_SECURE;
	int r = 0;

	if (!p->nvram)
		r = name_in_state(o, f, "raw", &f->nvram);
	else if (!(f->nvram = strdup(p->nvram)))
		r = -ENOMEM;
	f->plan.nvram = f->nvram;
	f->plan.firmware_format = "raw";
	f->plan.firmware_code = p->firmware_image ? p->firmware_image
				: secure          ? "/usr/share/OVMF/OVMF_CODE_4M.ms.fd"
						  : "/usr/share/OVMF/OVMF_CODE_4M.fd";
	if (!p->firmware_image)
		f->plan.nvram_template = secure ? "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"
						: "/usr/share/OVMF/OVMF_VARS_4M.fd";
	return r;
}

/* ---- what they are ------------------------------------------------------------------------ */

static bool is_qcow2(const struct as_user_file *file)
{
	return !memcmp(file->head, "QFI\xfb", 4);
}

/* Read-only, and written by no guest: what it is decides. */
static int look_at_code(const struct looking *l, struct as_user_file *code)
{
	const struct profile *p = l->o->profile;
	const struct profile_pos *pos = &p->firmware_image_pos;
	int r = looking_at_image(l, pos, p->firmware_image, false, code);

	if (r)
		return r;
	if (!code->regular)
		return looking_wrong(l, pos, p->firmware_image, "name a file", "is no file");
	if (is_qcow2(code)) {
		l->f->plan.firmware_format = "qcow2";
		return looking_at_chain(l, pos, p->firmware_image);
	}
	if (!code->bytes || code->bytes % FLASH_PAGE)
		return looking_wrong(l, pos, p->firmware_image,
				     "name the file with the code, such as OVMF_CODE.fd",
				     "is no flash image: its size is no multiple of 4096 bytes");
	return 0;
}

/* A copy that is made from the template has its format. */
static int look_at_absent(const struct looking *l, const struct profile_pos *pos, const char *path)
{
	const struct firmware *found = &l->f->firmware;
	char what[128];

	if (!strcmp(found->nvram_format, l->f->plan.nvram_format))
		return 0;
	(void)snprintf(what, sizeof(what),
		       "is not there yet, and the firmware's variables are %s, not %s",
		       found->nvram_format, l->f->plan.nvram_format);
	return looking_wrong(l, pos, path,
			     strcmp(found->nvram_format, "qcow2")
				     ? "give it a name that does not end in .qcow2"
				     : "give it a name that ends in .qcow2",
			     what);
}

static int wrong_size(const struct looking *l, const struct profile_pos *pos, const char *path,
		      uint64_t bytes, uint64_t expected)
{
	char what[160], remedy[PATH_MAX + 128];

	(void)snprintf(what, sizeof(what),
		       "has %" PRIu64 " bytes, and the variables of this firmware have %" PRIu64,
		       bytes, expected);
	(void)snprintf(remedy, sizeof(remedy),
		       "they are another firmware's: `mv %s %s.old`, and new ones are made", path,
		       path);
	return looking_wrong(l, pos, path, remedy, what);
}

static int judge_size(const struct looking *l, const struct profile_pos *pos, const char *path,
		      const struct as_user_file *vars, const struct as_user_file *code)
{
	const struct firmware *found = &l->f->firmware;
	struct as_user_file template = { 0 };

	if (found->nvram_template && !strcmp(found->nvram_format, "raw") &&
	    !as_user_look(&l->f->user, found->nvram_template, false, &template) &&
	    template.regular && template.bytes != vars->bytes)
		return wrong_size(l, pos, path, vars->bytes, template.bytes);
	if (!vars->bytes || vars->bytes % FLASH_PAGE)
		return looking_wrong(l, pos, path,
				     "name a copy of the variables that come with the firmware",
				     "is no flash image: its size is no multiple of 4096 bytes");
	if (!is_qcow2(code) && code->bytes + vars->bytes > FLASH_BYTES_MAX)
		return looking_wrong(
			l, pos, path, "name code and variables of one firmware",
			"is too large: with the code it has more than the 8 MiB that a PC has");
	return 0;
}

static int judge_vars(const struct looking *l, const struct profile_pos *pos, const char *path,
		      const struct as_user_file *vars, const struct as_user_file *code)
{
	bool qcow2 = !strcmp(l->f->plan.nvram_format, "qcow2");

	if (!vars->regular)
		return looking_wrong(l, pos, path, "name a file", "is no file");
	if (qcow2 && !is_qcow2(vars))
		return looking_wrong(l, pos, path, "rename it: raw variables end in .fd",
				     "is no qcow2 image");
	if (!qcow2 && is_qcow2(vars))
		return looking_wrong(
			l, pos, path, "rename it to end in .qcow2 if you are sure",
			"is taken for raw and starts like qcow2: a guest may have written that");
	return qcow2 ? looking_at_chain(l, pos, path) : judge_size(l, pos, path, vars, code);
}

/**
 * facts_look_at_firmware() - a firmware of the user's own, and the variables, as the user
 *
 * Return: 0; EXIT_HOST: reported as "files"
 */
int facts_look_at_firmware(const struct looking *l)
{
	const struct profile *p = l->o->profile;
	const struct profile_pos *pos = p->nvram ? &p->nvram_pos : &p->firmware_pos;
	const char *path = l->f->plan.nvram;
	struct as_user_file code = { 0 }, vars = { 0 };
	int r;

	if (!path) /* bios, or none was found */
		return 0;
	r = p->firmware_image ? look_at_code(l, &code) : 0;
	if (r)
		return r;
	if (l->f->plan.nvram_template && !is_there(l->f, path))
		return look_at_absent(l, pos, path);
	r = looking_at_image(l, pos, path, true, &vars);
	if (!r)
		r = judge_vars(l, pos, path, &vars, &code);
	return r ? r : looking_at_lock(l, pos, path, true);
}
