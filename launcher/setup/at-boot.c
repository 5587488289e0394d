/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * at-boot.c - devices that go to vfio-pci before a driver of the host's has them, at every boot
 *
 * By rules of udev's, for an address and only while the device there has the ids that it had. Any
 * PCI device's event sets `driver_override` of all of them, before it loads a module: a driver that
 * is loaded for one card, and fits another, so finds that one taken, whichever event came first.
 * The second rule loads vfio-pci at the device's own event. It needs no module in the initramfs: a
 * device without a driver waits for the event after that. Never `ids=`, which takes its twins too.
 * Source: udev(7), ATTR, TEST, RUN{builtin}; Documentation/ABI/testing/sysfs-bus-pci,
 * driver_override
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/at-boot.h"
#include "launcher/base/pci-address.h"
#include "launcher/base/sysfs.h"
#include "launcher/setup/setup.h"

#define FOLDER "etc/udev/rules.d"
#define PCI "/sys/bus/pci/devices/"
#define ALL "all" /* instead of an address, of SETUP_NO_AT_BOOT */

static const char head[] =
	"# written by `vfio-run detach --at-boot`; `vfio-run attach --at-boot` takes it away\n";

/* What makes an initramfs take the rules along; where it takes all of /etc/udev there is no row. */
static const struct {
	const char *initramfs, *file, *line;
} carriers[] = {
	{ "mkinitcpio", "etc/mkinitcpio.conf.d/vfio-run.conf", "FILES+=(/" AT_BOOT_RULES ")" },
	{ "dracut", "etc/dracut.conf.d/90-vfio-run.conf",
	  "install_items+=\" /" AT_BOOT_RULES " \"" },
};

/**
 * setup_at_boot_parse() - "0000:01:00.0=10de:2486", as a need has it
 *
 * Return: is it one, and of the only form that it can have?
 */
bool setup_at_boot_parse(const char *word, struct pci_address *address, unsigned int *vendor,
			 unsigned int *device)
{
	char text[PCI_ADDRESS_TEXT], again[SETUP_WORD_MAX];
	const char *ids = strchr(word, '=');

	if (!ids || (size_t)(ids - word) >= sizeof(text))
		return false;
	(void)snprintf(text, sizeof(text), "%.*s", (int)(ids - word), word);
	if (!pci_address_parse(text, address) || sscanf(ids + 1, "%4x:%4x", vendor, device) != 2)
		return false;
	(void)snprintf(again, sizeof(again), "%s=%04x:%04x", pci_address_format(address, text),
		       *vendor, *device);
	return !strcmp(again, word);
}

/** setup_no_at_boot_parse() - an address in full, or "all" */
bool setup_no_at_boot_parse(const char *word)
{
	char text[PCI_ADDRESS_TEXT];
	struct pci_address address;

	return !strcmp(word, ALL) || (pci_address_parse(word, &address) &&
				      !strcmp(pci_address_format(&address, text), word));
}

static int rules_of(const struct pci_address *address, unsigned int vendor, unsigned int device,
		    char **out)
{
	char a[PCI_ADDRESS_TEXT];

	(void)pci_address_format(address, a);
	if (asprintf(out,
		     "ACTION==\"add\", SUBSYSTEM==\"pci\", TEST!=\"" PCI "%s/driver\", "
		     "ATTR{[pci/%s]vendor}==\"0x%04x\", ATTR{[pci/%s]device}==\"0x%04x\", "
		     "ATTR{[pci/%s]driver_override}==\"(null)\", "
		     "ATTR{[pci/%s]driver_override}=\"vfio-pci\"\n"
		     "ACTION==\"add\", SUBSYSTEM==\"pci\", KERNEL==\"%s\", TEST!=\"" PCI
		     "%s/driver\", "
		     "ATTR{driver_override}==\"vfio-pci\", RUN{builtin}+=\"kmod load vfio-pci\", "
		     "ATTR{[subsystem/pci]drivers_probe}=\"%s\"",
		     a, a, vendor, a, device, a, a, a, a, a) < 0)
		return -ENOMEM;
	return 0;
}

/* Without the lines that name it; nothing is left of one without rules. */
static void drop_lines(char *text, const char *address)
{
	char *to = text;
	bool rules = false;

	for (char *at = text, *end; *at; at = end) {
		size_t length = strcspn(at, "\n");
		char last = at[length];
		bool drops;

		end = at + length + (last == '\n');
		at[length] = '\0';
		drops = *at != '#' && (!strcmp(address, ALL) || pci_address_stands_in(at, address));
		rules |= !drops && *at && *at != '#';
		at[length] = last;
		if (drops)
			continue;
		memmove(to, at, (size_t)(end - at));
		to += end - at;
	}
	*to = '\0';
	if (!rules)
		*text = '\0';
}

/* Behind a last line that has no end, too: an editor, or a person, has left it so. */
static int append(struct setup_step *s, const char *lines)
{
	size_t length = strlen(s->new);
	char *new = NULL;

	if (asprintf(&new, "%s%s%s%s\n", length ? "" : head, s->new,
		     length && s->new[length - 1] != '\n' ? "\n" : "", lines) < 0)
		return -ENOMEM;
	free(s->new);
	s->new = new;
	return 0;
}

/* Return: where that line stands, which ends with the file or with a "\n"; NULL: nowhere */
static char *find_line(char *text, const char *line)
{
	size_t length = strlen(line);

	for (char *at = text; (at = strstr(at, line)); at++)
		if ((at == text || at[-1] == '\n') && (!at[length] || at[length] == '\n'))
			return at;
	return NULL;
}

/* Only what is ours: others can have lines in that file, too. It goes when nothing is left. */
static void cut(char *text, const char *line)
{
	char *at;

	while ((at = find_line(text, line))) {
		size_t length = strlen(line);

		length += at[length] == '\n';
		memmove(at, at + length, strlen(at + length) + 1);
	}
	if (!strncmp(text, head, sizeof(head) - 1))
		memmove(text, text + sizeof(head) - 1, strlen(text + sizeof(head) - 1) + 1);
}

/*
 * @rules: are there some?
 * Return: 0; -ENOMEM; another -errno: that file is left to its owner
 */
static int carry(int root, struct setup_plan *plan, size_t need, bool rules, const char **file)
{
	for (size_t i = 0; i < ARRAY_SIZE(carriers); i++) {
		struct setup_step *s;
		int r;

		if (!plan->initramfs || strcmp(carriers[i].initramfs, plan->initramfs))
			continue;
		*file = carriers[i].file;
		r = setup_edit(root, plan, need, carriers[i].file, &s);
		if (r && !rules)
			return r == -ENOMEM ? r : 0; /* nothing of ours is in it */
		if (!r && rules && !find_line(s->new, carriers[i].line))
			r = append(s, carriers[i].line);
		if (!r && !rules)
			cut(s->new, carriers[i].line);
		return r;
	}
	return 0;
}

/* Return: what its owner does where there is no file that setup could write; NULL: there is one */
static const char *by_hand(int root)
{
	if (sysfs_exists(root, "etc/NIXOS"))
		return "these rules belong into services.udev.extraRules and boot.initrd.services.udev.rules of "
		       "/etc/nixos/configuration.nix: `vfio-run detach --at-boot` cannot write there";
	if (!sysfs_exists(root, FOLDER))
		return "there is no /" FOLDER
		       ", so no udev: let the system's start run `vfio-run detach ADDRESS`";
	return NULL;
}

/* Without rules where there were some, or with this one's; that they stand already is no reason to
 * stop. */
static int edit_rules(struct setup_step *s, const struct setup_need *need)
{
	cleanup_free char *rules = NULL;
	struct pci_address address;
	unsigned int vendor, device;
	char text[PCI_ADDRESS_TEXT];
	int r;

	if (!setup_at_boot_parse(need->word, &address, &vendor, &device)) {
		drop_lines(s->new, need->word);
		return 0;
	}
	r = rules_of(&address, vendor, device, &rules);
	if (r || strstr(s->new, rules))
		return r;
	drop_lines(s->new, pci_address_format(&address, text));
	return append(s, rules);
}

static int left_to_owner(struct setup_plan *plan, size_t need, const char *file, int error)
{
	return setup_by_hand(plan, need, "/%s: %s: left to its owner", file, strerror(-error));
}

/* Rules that no image takes along are none: what the need before has left is put back then. */
static int change(int root, struct setup_plan *plan, size_t need)
{
	cleanup_free char *before = NULL;
	const char *file = NULL;
	struct setup_step *s;
	int r = setup_edit(root, plan, need, AT_BOOT_RULES, &s), e;

	if (r)
		return r == -ENOMEM ? r : left_to_owner(plan, need, AT_BOOT_RULES, r);
	before = strdup(s->new);
	r = before ? edit_rules(s, &plan->need[need]) : -ENOMEM;
	if (r)
		return r;
	r = carry(root, plan, need, *s->new, &file);
	if (!r || r == -ENOMEM)
		return r;
	e = setup_edit(root, plan, need, AT_BOOT_RULES, &s); /* steps move when there are more */
	if (e)
		return e;
	free(s->new);
	s->new = before;
	before = NULL;
	return left_to_owner(plan, need, file, r);
}

/* Nothing of it is there: neither by hand nor otherwise is there anything to do. */
static int nothing_there(struct setup_plan *plan, size_t need)
{
	plan->answer[need].state = SETUP_REBOOT;
	(void)snprintf(plan->answer[need].text, sizeof(plan->answer[need].text),
		       "there is no /" AT_BOOT_RULES);
	return 0;
}

/* Are there rules when the steps are taken? A step that changes nothing is not there any more. */
static bool keeps_rules(int root, const struct setup_plan *plan)
{
	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->step[i].kind == SETUP_FILE && !strcmp(plan->step[i].path, AT_BOOT_RULES))
			return plan->step[i].new != NULL;
	return sysfs_exists(root, AT_BOOT_RULES);
}

/**
 * setup_at_boot() - the steps by which a device goes to vfio-pci at every boot, or does not any
 * more
 * @refresh:	the second pass: the image that the kernel starts with is made again
 *
 * Also when the files are as they should be: the image need not be, after a step that has failed,
 * and only a person's own word gets here.
 *
 * Return: 0 or -ENOMEM
 */
int setup_at_boot(int root, struct setup_plan *plan, size_t need, bool refresh)
{
	const char *hand = by_hand(root);

	if (!refresh && !hand)
		return change(root, plan, need);
	if (!refresh && plan->need[need].kind == SETUP_NO_AT_BOOT &&
	    !sysfs_exists(root, AT_BOOT_RULES))
		return nothing_there(plan, need);
	if (!refresh)
		return setup_by_hand(plan, need, "%s", hand);
	if (plan->answer[need].state != SETUP_STEPS)
		return 0;
	plan->reboot = true;
	return setup_initramfs_of(root, plan, need, AT_BOOT_RULES, keeps_rules(root, plan));
}
