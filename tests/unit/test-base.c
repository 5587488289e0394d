// SPDX-License-Identifier: GPL-2.0-or-later
/* test-base.c - addresses, quoting, words of changes, "did you mean", the identity of a process */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/change.h"
#include "launcher/base/evdev-identity.h"
#include "launcher/base/hardware.h"
#include "launcher/base/log.h"
#include "launcher/base/suggest.h"
#include "launcher/base/sysfs.h"
#include "launcher/base/path.h"
#include "launcher/base/pci-address.h"
#include "launcher/base/process.h"
#include "launcher/base/output.h"

static void addresses_are_read_whole_or_not_at_all(void **state)
{
	static const struct {
		const char *text, *canonical; /* NULL: is no address */
	} cases[] = {
		{ "0000:01:00.0", "0000:01:00.0" }, { "01:00.0", "0000:01:00.0" },
		{ "0000:AB:1f.7", "0000:ab:1f.7" }, { "10000:e1:00.0", "10000:e1:00.0" },
		{ "ffffffff:ff:1f.7", "ffffffff:ff:1f.7" },
		{ "", NULL }, { "0000:01:00", NULL }, { "0000:01:00.8", NULL },
		{ "0000:01:20.0", NULL }, { "0000:01:00.0 ", NULL }, { " 0000:01:00.0", NULL },
		{ "000:01:00.0", NULL }, { "000000000:01:00.0", NULL }, { "0000:1:00.0", NULL },
		{ "0000:001:00.0", NULL }, { "0000:01:00.00", NULL }, { "0000-01:00.0", NULL },
		{ "0000:01:00.0:", NULL }, { "10de:2486", NULL }, { "::.", NULL },
		{ "0000:01:00.-1", NULL }, { "0x00:01:00.0", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct pci_address a = { .domain = 77 };
		char text[PCI_ADDRESS_TEXT];
		bool is = pci_address_parse(cases[i].text, &a);

		assert_int_equal(is, cases[i].canonical != NULL);
		if (is)
			assert_string_equal(pci_address_format(&a, text), cases[i].canonical);
		else
			assert_int_equal(a.domain, 77);
	}
}

static void an_address_is_read_to_where_it_goes_wrong(void **state)
{
	static const struct { const char *text; long good; } rows[] = {
		{ "0000:01:00.0", 12 },	 { "01:00.0", 7 },	{ "", 0 },
		{ "0000:01:00", 10 },	 { "0000:01:20.0", 8 }, { "0000:01:00.8", 11 },
		{ "0000:01:00.00", 12 }, { "000:01:00.0", 3 },	{ "01:0g.0", 4 },
		{ "0000:1:00.0", 6 },
	};
	struct pci_address a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *p = rows[i].text;

		assert_int_equal(pci_address_read(&p, &a), i < 2);
		assert_int_equal(p - rows[i].text, rows[i].good);
	}
}

static void addresses_are_ordered_as_lspci_does(void **state)
{
	static const char *const ascending[] = { "0000:00:1f.7", "0000:01:00.0", "0000:01:00.1",
						 "0000:01:01.0", "0000:02:00.0", "0001:00:00.0" };
	struct pci_address a, b;

	(void)state;
	for (size_t i = 0; i + 1 < ARRAY_SIZE(ascending); i++) {
		assert_true(pci_address_parse(ascending[i], &a));
		assert_true(pci_address_parse(ascending[i + 1], &b));
		assert_true(pci_address_compare(&a, &b) < 0);
		assert_true(pci_address_compare(&b, &a) > 0);
		assert_int_equal(pci_address_compare(&a, &a), 0);
	}
	assert_true(pci_address_parse("0000:01:00.0", &a));
	assert_true(pci_address_parse("0000:01:00.7", &b));
	assert_true(pci_address_same_slot(&a, &b));
	assert_true(pci_address_parse("0000:01:01.0", &b));
	assert_false(pci_address_same_slot(&a, &b));
}

/* As Intel's and AMD's IOMMU, the error reporting and the reset of 6.1 to 6.18 print them. */
static void trouble_with_a_device_is_recognized(void **state)
{
	static const struct pci_address device = { .bus = 1 }, far = { .domain = 0x10000, .bus = 1 };
	static const char *const ours[] = {
		"DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0x7f000 [fault reason 0x06]",
		"AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0 address=0x7f000 flags=0x0000 device=01:00.0]",
		"vfio-pci 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000e]",
		"vfio-pci 0000:01:00.0: PCIe Bus Error: severity=Corrected, type=Physical Layer, (Receiver ID)",
		"vfio-pci 0000:01:00.0: not ready 65535ms after bus reset; giving up",
	};
	static const char *const others[] = {
		"DMAR: [DMA Read NO_PASID] Request device [02:00.0] fault addr 0x7f000",
		"pcieport 0000:00:01.0: AER: Corrected error received: 0000:11:00.0",
		"nvme 10000:01:00.0: PCIe Bus Error: severity=Corrected",
		"vfio-pci 0000:01:00.0: enabling device (0000 -> 0003)",
		"DMAR: IOMMU enabled",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		assert_true(hardware_is_trouble(ours[i], &device, 1));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(hardware_is_trouble(others[i], &device, 1));
	assert_true(hardware_is_trouble(others[2], &far, 1));
	assert_false(hardware_is_trouble(ours[0], &device, 0));
}

/* One record a read, as /dev/kmsg gives them. */
static void what_apparmor_denies_is_told(void **state)
{
	static const char *const record[] = {
		"5,1,50000000,-;audit: type=1400 audit(1.2:3): apparmor=\"DENIED\" operation=\"open\" "
		"profile=\"swtpm\" name=\"/long/before\" pid=77 comm=\"swtpm\"\n",
		"5,2,100000001,-;audit: type=1400 audit(1.2:4): apparmor=\"DENIED\" operation=\"mknod\" "
		"profile=\"swtpm\" name=\"/srv/vms/tpm/.lock\" pid=77 comm=\"swtpm\" denied_mask=\"c\"\n",
		"5,3,100000002,-;audit: type=1400 audit(1.2:5): apparmor=\"DENIED\" operation=\"capable\" "
		"profile=\"other\" pid=777 comm=\"other\" capname=\"sys_admin\"\n",
		"5,4,100000003,-;audit: type=1400 audit(1.2:6): apparmor=\"ALLOWED\" pid=77 comm=\"swtpm\"\n",
	};
	static const struct { const char *who, *text; } asked[] = {
		{ " pid=77 ", "AppArmor's profile swtpm denies it: mknod /srv/vms/tpm/.lock; " },
		{ " comm=\"other\"", "AppArmor's profile other denies it: capable sys_admin; " },
		{ " pid=7 ", NULL },
	};
	char text[512];
	int pair[2];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
		for (size_t n = 0; n < ARRAY_SIZE(record); n++)
			assert_true(write(pair[1], record[n], strlen(record[n])) > 0);
		assert_int_equal(hardware_denial_read(pair[0], asked[i].who, 100000000, text, sizeof(text)),
				 asked[i].text != NULL);
		if (asked[i].text)
			assert_memory_equal(text, asked[i].text, strlen(asked[i].text));
		(void)close(pair[0]);
		(void)close(pair[1]);
	}
}

/* An event node in a /sys below the working directory, as the kernel makes it. */
static void plug_in(unsigned int node, unsigned int instance, const char *name, const char *modalias)
{
	char command[512];

	(void)snprintf(command, sizeof(command),
		       "d=sys/devices/x/input/input%u && rm -rf sys/class/input/event%u && mkdir -p sys/class/input $d/event%u && "
		       "ln -s ../../devices/x/input/input%u/event%u sys/class/input/event%u && ln -sn .. $d/event%u/device && "
		       "echo '%s' >$d/name && echo '%s' >$d/modalias",
		       instance, node, node, instance, node, node, node, name, modalias);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
}

static bool is_own_button(const char *bus, const char *keys)
{
	char command[256];

	(void)snprintf(command, sizeof(command),
		       "d=sys/class/input/event6/device && mkdir -p $d/id $d/capabilities && "
		       "echo %s >$d/id/bustype && echo %s >$d/capabilities/key", bus, keys);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
	return evdev_is_own_button(AT_FDCWD, 6);
}

static void a_power_button_is_found_without_its_driver(void **state)
{
	char folder[] = "/tmp/test-evdev-XXXXXX";
	int before = open(".", O_PATH | O_CLOEXEC);

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_false(evdev_is_own_button(AT_FDCWD, 6));
	plug_in(6, 0, "Power Button", "input:b0019v0000p0001e0000-e0,1,k74");
	assert_false(evdev_is_own_button(AT_FDCWD, 6));
	assert_true(is_own_button("0019", "'10000000000000 0'")); /* KEY_POWER */
	assert_true(is_own_button("0019", "'1000000000 0 0 0 0 0'")); /* KEY_POWER2 */
	assert_false(is_own_button("0019", "'20000000000000 0'")); /* a lid, a key for sound */
	assert_false(is_own_button("0019", "0"));
	assert_false(is_own_button("0003", "'10000000000000 0'")); /* a keyboard on USB */
	assert_int_equal(system("rm -rf sys"), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
	assert_int_equal(fchdir(before), 0);
	assert_int_equal(rmdir(folder), 0);
	(void)close(before);
}

static void an_input_device_is_known_again(void **state)
{
	struct evdev_identity first, again, other, mouse;
	char folder[] = "/tmp/test-evdev-XXXXXX";
	int before = open(".", O_PATH | O_CLOEXEC);

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_false(evdev_identify(AT_FDCWD, 5, &first));
	plug_in(5, 27, "A keyboard", "input:b0003v046Dp0001e0111-e0,1,k71,72");
	plug_in(6, 28, "A keyboard", "input:b0003v046Dp0001e0111-e0,2");
	assert_true(evdev_identify(AT_FDCWD, 5, &first));
	assert_int_equal(first.instance, 27 + 1);
	assert_true(evdev_identify(AT_FDCWD, 6, &mouse));
	assert_int_not_equal(first.sum, mouse.sum); /* of one device, and for other keys */
	plug_in(5, 29, "Another", "input:b0003v046Dp0001e0111-e0,1,k71,72");
	assert_true(evdev_identify(AT_FDCWD, 5, &other));
	assert_int_not_equal(first.sum, other.sum);
	plug_in(6, 30, "A keyboard", "input:b0003v046Dp0001e0111-e0,1,k71,72");
	assert_true(evdev_identify(AT_FDCWD, 6, &again));
	assert_int_equal(first.sum, again.sum);
	assert_int_equal(again.instance, 30 + 1);
	plug_in(6, 0, "The first one", "input:b0019v0000p0001e0000-e0,1,k74");
	assert_true(evdev_identify(AT_FDCWD, 6, &again));
	assert_int_not_equal(again.instance, 0); /* which stands for none */
	assert_int_equal(system("rm -rf sys"), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
	assert_int_equal(fchdir(before), 0);
	assert_int_equal(rmdir(folder), 0);
	(void)close(before);
}

static void quoting_leaves_a_terminal_nothing_to_act_on(void **state)
{
	char buf[64], tiny[6];

	(void)state;
	assert_string_equal(log_quote("plain text, ok.", buf, sizeof(buf)), "plain text, ok.");
	assert_string_equal(log_quote("a\033[2Jb\n\x7f\xc3\xa4\\", buf, sizeof(buf)),
			    "a\\x1b[2Jb\\x0a\\x7f\\xc3\\xa4\\x5c");
	assert_string_equal(log_quote("ab\033\033", tiny, sizeof(tiny)), "ab");
	assert_string_equal(log_quote("abcdefgh", tiny, sizeof(tiny)), "abcde");
	assert_string_equal(log_quote("", tiny, 1), "");
}

static void a_path_is_seen_through(void **state)
{
	static const struct { const char *path, *plain; } rows[] = {
		{ "/", "/" },			{ "/dev", "/dev" },
		{ "/dev/", "/dev" },		{ "//dev", "/dev" },
		{ "/./dev/.", "/dev" },		{ "/x/../dev", "/dev" },
		{ "/dev/shm/..", "/dev" },	{ "/../..", "/" },
		{ "/a/b/../../..//c", "/c" },	{ "/.a/..b/...", "/.a/..b/..." },
	};
	char buf[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_true(path_plain(rows[i].path, buf, sizeof(buf)));
		assert_string_equal(buf, rows[i].plain);
	}
	assert_true(path_plain("/23456789abcdef", buf, sizeof(buf)));
	assert_false(path_plain("/23456789abcdef0", buf, sizeof(buf)));
	assert_false(path_plain("/", buf, 1));
}

static void logging_keeps_errno(void **state)
{
	(void)state;
	errno = EXDEV;
	log_setup(LOG_VERBOSE, true);
	log_verbose("x");
	log_setup(LOG_NOTICE, false);
	assert_int_equal(errno, EXDEV);
}

/* Ctrl-S, a pager, a dead connection: the keeper has a card to give back meanwhile. */
static void a_terminal_that_takes_nothing_holds_nobody_up(void **state)
{
	int pipes[2], status;
	char full[4096] = "";
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(pipes, O_NONBLOCK), 0);
	while (write(pipes[1], full, sizeof(full)) > 0)
		;
	assert_int_equal(fcntl(pipes[1], F_SETFL, 0), 0); /* a write blocks from now on */
	pid = fork();
	if (!pid) {
		(void)dup2(pipes[1], STDERR_FILENO);
		(void)alarm(20); /* for the one that would never come back */
		for (int i = 0; i < 100; i++)
			log_error("line %d", i);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
}

/* poll(2) says that one has room when half a line would fit; here it is not read. */
static void nor_does_one_that_is_nearly_full(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status;
	char name[64];
	pid_t pid;

	(void)state;
	if (master < 0)
		skip(); /* no /dev/pts here */
	assert_int_equal(grantpt(master) || unlockpt(master) || ptsname_r(master, name, sizeof(name)), 0);
	pid = fork();
	if (!pid) {
		(void)dup2(open(name, O_WRONLY | O_NOCTTY), STDERR_FILENO);
		(void)output_own(STDERR_FILENO);
		(void)alarm(20);
		for (int i = 0; i < 2000; i++)
			log_error("line %d of a guest that resets again and again", i);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)close(master);
}

/* What becomes part of a path below /sys is in the kernel's own form, and nothing else is. */
static void a_usb_interface_is_named_as_the_kernel_names_it(void **state)
{
	static const char *const good[] = { "1-2:1.0", "12-14.3.2.1.4.5:2.11", "1-2.3:1.255" };
	static const char *const wrong[] = { "", "1-2", "1-2:1", "1-2:1.0 ", "1-2:1.0/..", "usb1:1.0",
					     "0-1:1.0", "1-0:1.0", "01-2:1.0", "1-2..3:1.0", "1-2:01.0",
					     "1-1.1.1.1.1.1.1:1.0", "1-2:1.0000", "../1-2:1.0",
					     "1-2.:1.0", "-2:1.0" };
	char words[CHANGE_TEXT_MAX];
	uint16_t vendor = 0, product = 0;
	struct change c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(change_is_usb_interface(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(change_is_usb_interface(wrong[i]));
	assert_true(change_is_usb("1-2.3"));
	assert_false(change_is_usb("1-2.3:1.0"));
	assert_false(change_is_usb("usb1"));
	change_usb_words(0x46d, 0xc52b, words, sizeof(words));
	assert_true(change_usb_parse(words, &vendor, &product));
	assert_int_equal(vendor, 0x46d);
	assert_int_equal(product, 0xc52b);
	assert_false(change_usb_parse("the guest (46d:c52b)", &vendor, &product));
	assert_false(change_usb_parse("the guest (046d:c52b) ", &vendor, &product));
	assert_true(change_set(&c, CHANGE_USB, "1-2:1.0", "usb-storage", words));
	assert_null(change_wrong(&c));
	assert_true(change_set(&c, CHANGE_USB, "1-2:1.0", "", words));
	assert_null(change_wrong(&c));
	assert_true(change_set(&c, CHANGE_USB, "1-2:1.0", "../usb", words));
	assert_non_null(change_wrong(&c));
	assert_true(change_set(&c, CHANGE_USB, "1-2:1.0", "usb-storage", ""));
	assert_non_null(change_wrong(&c));
}

/* What is made of the words is what they were made of, and nothing else is taken. */
static void the_words_of_a_link_are_read_back(void **state)
{
	static const char *const wrong[] = {
		"",
		"tap",
		"tap on br0",
		"tap on br0, 0 queues, fe:54:00:12:34:56",
		"tap on br0, 17 queues, fe:54:00:12:34:56",
		"tap on br0, 1 queues, fe:54:00:12:34:56",
		"tap on br0, 2 queues, ff:54:00:12:34:56",
		"tap on br0, 2 queues, fe:54:00:12:34:5",
		"tap on br0, 2 queues, fe:54:00:12:34:56 ",
		"tap on br/0, 2 queues, fe:54:00:12:34:56",
		"tap on a-name-of-16-cha, 2 queues, fe:54:00:12:34:56",
		"veth on br0, 2 queues, fe:54:00:12:34:56",
		"tap on , 2 queues, fe:54:00:12:34:56",
	};
	struct change_link link;
	char words[CHANGE_TEXT_MAX];
	struct change c;

	(void)state;
	assert_true(change_link_parse("macvtap on enp5s0, 1 queue, 52:54:00:12:34:56", &link));
	assert_true(link.macvtap);
	assert_string_equal(link.base, "enp5s0");
	assert_int_equal(link.queues, 1);
	assert_int_equal(link.mac[5], 0x56);
	change_link_words(&link, words, sizeof(words));
	assert_string_equal(words, "macvtap on enp5s0, 1 queue, 52:54:00:12:34:56");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(change_link_parse(wrong[i], &link));
	assert_true(change_set(&c, CHANGE_LINK, "vr-win100", "", words));
	assert_null(change_wrong(&c));
	/* no link but one of its own name is ever deleted */
	assert_true(change_set(&c, CHANGE_LINK, "eth0", "", words));
	assert_non_null(change_wrong(&c));
	assert_true(change_set(&c, CHANGE_LINK, "vr-../eth0", "", words));
	assert_non_null(change_wrong(&c));
	assert_true(change_set(&c, CHANGE_LINK, "vr-a-name-of-16-", "", words));
	assert_non_null(change_wrong(&c));
}

/* Sizes of BARs are powers of two, each once and in order: nothing else becomes a path or a number. */
static void a_word_is_found_and_dropped(void **state)
{
	static const struct {
		const char *words, *word, *left;
	} cases[] = {
		{ "pm bus", "bus", "pm" },	 { "bus pm", "bus", "pm" },   { "flr bus pm", "bus", "flr pm" },
		{ "cxl_bus pm", "bus", "cxl_bus pm" }, { "bus", "bus", "" },  { "", "bus", "" },
		{ "bus bus", "bus", "" },	 { "pm", "bus", "pm" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char words[32];

		(void)snprintf(words, sizeof(words), "%s", cases[i].words);
		assert_int_equal(sysfs_has_word(words, cases[i].word),
				 strcmp(cases[i].words, cases[i].left) != 0);
		sysfs_drop_word(words, cases[i].word);
		assert_string_equal(words, cases[i].left);
	}
}

static void sizes_of_bars(void **state)
{
	static const char *const good[] = { "bar0=1M", "bar5=524288M", "bar0=16384M bar2=256M" };
	static const char *const bad[] = { "", "bar0", "bar0=0M", "bar0=3M", "bar6=1M", "bar0=1M ", " bar0=1M",
					   "bar2=1M bar0=1M", "bar0=1M bar0=1M", "bar0=01M", "bar0=1G",
					   "bar0=1M  bar1=1M", "bar-1=1M", "bar0=4294967296M", "bar0=1M/.." };
	struct change_bars bars;
	struct change c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(change_bars_parse(good[i], &bars));
		assert_true(change_set(&c, CHANGE_REBAR, "0000:01:00.0", "bar0=1M", good[i]));
		assert_null(change_wrong(&c));
	}
	assert_int_equal(bars.mib[0], 16384);
	assert_int_equal(bars.mib[2], 256);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (change_bars_parse(bad[i], &bars))
			fail_msg("'%s'", bad[i]);
		assert_true(change_set(&c, CHANGE_REBAR, "0000:01:00.0", "bar0=1M", bad[i]));
		assert_non_null(change_wrong(&c));
	}
	assert_true(change_set(&c, CHANGE_RESET, "0000:01:00.0", "flr bus", "bus"));
	assert_null(change_wrong(&c));
	assert_true(change_set(&c, CHANGE_RESET, "0000:01:00.0", "flr bus", ""));
	assert_null(change_wrong(&c));
	assert_true(change_set(&c, CHANGE_RESET, "0000:01:00.0", "flr bus", "pm bus"));
	assert_non_null(change_wrong(&c));
	assert_true(change_set(&c, CHANGE_RESET, "0000:01:00.0", "../x", "bus"));
	assert_non_null(change_wrong(&c));
}

#define ID64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void devices_in_a_row(void **state)
{
	static const char *const bad[] = { " ", "0000:01:00.0 ", " 0000:01:00.0", "01:00.0", "0000:01:00.0  0000:02:00.0",
					   "0000:01:00.0,0000:02:00.0", "0000:01:00.0 ../x", "0000:01:00.9" };

	(void)state;
	assert_true(change_is_addresses(""));
	assert_true(change_is_addresses("0000:01:00.0"));
	assert_true(change_is_addresses("0000:01:00.0 10000:02:00.1"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (change_is_addresses(bad[i]))
			fail_msg("\"%s\" was taken", bad[i]);
	assert_true(change_has_address("0000:01:00.0", "0000:01:00.0"));
	assert_true(change_has_address("10000:02:00.1 0000:02:00.1", "0000:02:00.1"));
	assert_false(change_has_address("10000:02:00.1", "0000:02:00.1"));
	assert_false(change_has_address("0000:02:00.1", ""));
	assert_false(change_has_address("", "0000:02:00.1"));
}

static void what_is_kept_by_others_is_parsed(void **state)
{
	const char *unit, *program, *id;
	struct change c;
	uint32_t uid;

	(void)state;
	assert_true(change_user_unit_parse("1500/pipewire.service", &uid, &unit));
	assert_int_equal(uid, 1500);
	assert_string_equal(unit, "pipewire.service");
	assert_true(change_set(&c, CHANGE_USER_SERVICE, "1500/pipewire.service", "running", "stopped"));
	assert_null(change_wrong(&c));
	for (const char *const *bad = (const char *const[]){ "0/a.service", "/a.service", "a.service", "01/a.service",
							      "1500/", "1500/../a.service", "1500/a", "-1/a.service",
							      "4294967295/a.service", "99999999999/a.service",
							      "1500 /a.service", "1500/a/b.service", NULL };
	     *bad; bad++) {
		assert_true(change_set(&c, CHANGE_USER_SERVICE, *bad, "running", "stopped"));
		if (!change_wrong(&c))
			fail_msg("%s was taken", *bad);
	}
	assert_true(change_container_parse("docker/" ID64, &program, &id));
	assert_string_equal(program, "/usr/bin/docker");
	assert_string_equal(id, ID64);
	assert_true(change_set(&c, CHANGE_CONTAINER, "podman/" ID64, "temporary", "stopped"));
	assert_null(change_wrong(&c));
	for (const char *const *bad = (const char *const[]){ ID64, "docker/0123", "lxc/" ID64, "docker/" ID64 "0",
							      "docker/--help0123456789abcdef0123456789abcdef0123456789abcdef0123456789", NULL };
	     *bad; bad++) {
		assert_true(change_set(&c, CHANGE_CONTAINER, *bad, "running", "stopped"));
		if (!change_wrong(&c))
			fail_msg("%s was taken", *bad);
	}
	assert_true(change_set(&c, CHANGE_CONTAINER, "docker/" ID64, "", "stopped"));
	assert_non_null(change_wrong(&c));
	assert_true(change_set(&c, CHANGE_BRIDGE, "0000:00:01.0", "auto", "on"));
	assert_null(change_wrong(&c));
	assert_true(change_set(&c, CHANGE_BRIDGE, "0000:00:01.0", "on", "auto"));
	assert_non_null(change_wrong(&c));
}

static void mounts_are_words_and_back(void **state)
{
	static const char *const good[] = {
		"ext4 on /dev/disk/by-uuid/12-34: rw,relatime; errors=remount-ro,stripe=4",
		"xfs on /dev/sda1: ro,nosuid,nodev,noexec,noatime,private; inode64",
		"btrfs on /dev/nvme0n1p2: rw,nosuid,relatime; subvolid=256,subvol=/@home",
		"vfat on /dev/sdb1: rw,relatime",
	};
	static const char *const bad[] = {
		"", "ext4", "ext4 on /dev/sda1", "ext4 on /etc/passwd: rw", "ext4 on /dev/../etc/x: rw",
		"ext4 on /dev/sda1: relatime,rw", "ext4 on /dev/sda1: rw,unknown", "../x on /dev/sda1: rw",
		"ext4 on /dev/sda1: rw; ", "ext4 on /dev/sda1: rw\n",
	};
	struct change_mount m;
	struct change c;
	char again[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(change_mount_parse(good[i], &m));
		change_mount_words(&m, again, sizeof(again));
		assert_string_equal(again, good[i]);
		assert_true(change_set(&c, CHANGE_MOUNT, "/srv/data", good[i], "unmounted"));
		assert_null(change_wrong(&c));
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(change_mount_parse(bad[i], &m));
	assert_true(change_mount_parse(good[1], &m));
	assert_true(m.is_private);
	assert_string_equal(m.type, "xfs");
	assert_string_equal(m.data, "inode64");
	assert_true(change_set(&c, CHANGE_MOUNT, "/", good[0], "unmounted"));
	assert_non_null(change_wrong(&c));
	assert_true(change_set(&c, CHANGE_MOUNT, "/srv/../etc", good[0], "unmounted"));
	assert_non_null(change_wrong(&c));
}

static void huge_pages_are_of_the_host_or_of_a_node(void **state)
{
	struct change_pages pages;

	(void)state;
	assert_true(change_pages_parse("2048kB", &pages));
	assert_int_equal(pages.node, -1);
	assert_true(change_pages_parse("1048576kB on node3", &pages));
	assert_int_equal(pages.node, 3);
	assert_int_equal(pages.kib, 1048576);
	assert_false(change_pages_parse("4kB", &pages));
	assert_false(change_pages_parse("2048kB on node", &pages));
	assert_false(change_pages_parse("2048kB on node1/..", &pages));
	assert_true(change_pages_apart("2048kB", "2048kB on node1"));
	assert_true(change_pages_apart("2048kB on node0", "2048kB"));
	assert_false(change_pages_apart("2048kB on node0", "2048kB on node1"));
	assert_false(change_pages_apart("2048kB", "1048576kB on node1"));
}

/* What fits becomes part of a path below /sys that root writes to. */
static void announced_are_cards_of_devices_only(void **state)
{
	static const char *const bad[] = {
		"",
		"0000:02:00.1",
		"0000:02:00.1/sound",
		"0000:02:00.1/sound/card",
		"0000:02:00.1/sound/card1/pcmC1D0p",
		"0000:02:00.1/sound/card1000",
		"0000:02:00.1/sound/../card1",
		"0000:02:00.1/net/card1",
		"02:00.1/sound/card1",
		"0000:02:00.1/0/sound/card1",
		"../0000:02:00.1/sound/card1",
		"0000:02:00.1/drm/card1-DP-1",
		"0000:02:00.1/drm/renderD128",
		"0000:02:00.1234567890123/drm/card0",
	};
	struct pci_address device;
	struct change c;
	const char *card;

	(void)state;
	assert_true(change_announced_parse("0000:02:00.1/sound/card1", &device, &card));
	assert_string_equal(card, "sound/card1");
	assert_int_equal(device.bus, 2);
	assert_true(change_announced_parse("10000:e1:00.0/drm/card12", &device, &card));
	assert_string_equal(card, "drm/card12");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (change_announced_parse(bad[i], &device, &card))
			fail_msg("%s was taken", bad[i]);
	assert_true(change_set(&c, CHANGE_ANNOUNCE, "0000:02:00.1/sound/card1", "add", "remove"));
	assert_null(change_wrong(&c));
	assert_true(change_set(&c, CHANGE_ANNOUNCE, "0000:02:00.1/sound/card1", "add", "offline"));
	assert_non_null(change_wrong(&c));
}

static void the_words_of_changes_stay(void **state)
{
	static const char *const names[] = { "module", "link", "sriov_drivers_autoprobe",
					     "sriov_numvfs", "mount", "hugepages",
					     "governor", "isolate_cpus", "irq_affinity", "bridge_power", "announce",
					     "user_service",
					     "container", "service", "session_command",
					     "d3cold_allowed", "power_control", "driver_override",
					     "reset_method", "unload", "unbind", "rebar", "bind", "vfio_owner",
					     "usb_interface" };
	struct change c;
	char line[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_string_equal(change_name((uint32_t)i), names[i]);
		assert_int_equal(change_from_name(names[i]), i);
	}
	assert_int_equal(change_from_name("reset"), -1);
	assert_string_equal(change_name(CHANGE_MAX), "?");
	assert_true(change_set(&c, CHANGE_OVERRIDE, "0000:01:00.0", "", "vfio-pci"));
	change_describe(&c, line, sizeof(line));
	assert_string_equal(line, "0000:01:00.0  driver_override: none -> vfio-pci");
	assert_true(change_set(&c, CHANGE_MODULE, "vfio_pci", "", "loaded"));
	change_describe(&c, line, sizeof(line));
	assert_string_equal(line, "module vfio_pci: not loaded -> loaded");
}

static const char *const words[] = { "detach", "attach", "recover", "run", "list" };

static const char *word(size_t i)
{
	return words[i];
}

static void slips_are_understood_and_other_words_are_not(void **state)
{
	static const struct {
		const char *typed, *meant;
	} cases[] = { { "detahc", "detach" }, { "attch", "attach" }, { "recovre", "recover" },
		      { "lsit", "list" },     { "rn", "run" },	     { "win10", NULL },
		      { "", NULL },	      { "windows", NULL },   { "xyz", NULL } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *found = suggest(cases[i].typed, word, ARRAY_SIZE(words));

		if (cases[i].meant)
			assert_string_equal(found, cases[i].meant);
		else
			assert_null(found);
	}
	assert_null(suggest("a-word-that-is-far-longer-than-any-command-can-be", word, 5));
}

static void memory_counts_once_it_is_touched(void **state)
{
	enum { SIZE = 32 << 20 };
	char *pages = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t before = process_resident(getpid()), after;

	(void)state;
	assert_true(pages != MAP_FAILED);
	memset(pages, 1, SIZE);
	after = process_resident(getpid());
	assert_true(after - before >= SIZE * 9 / 10 && after - before <= SIZE * 11 / 10);
	assert_int_equal(munmap(pages, SIZE), 0);
	assert_int_equal(process_resident(0), 0); /* there is none */
}

static void a_process_is_its_pid_and_its_start(void **state)
{
	struct process_id self, child;
	char comm[32];
	pid_t pid;

	(void)state;
	assert_int_equal(prctl(PR_SET_NAME, "a) b (c"), 0);
	assert_int_equal(process_identify(getpid(), &self), 0);
	assert_true(self.start > 0);
	assert_true(process_is_alive(&self));
	process_comm(getpid(), comm, sizeof(comm));
	assert_string_equal(comm, "a) b (c");
	assert_int_equal(process_state(getpid()), 'R');
	self.start--;
	assert_false(process_is_alive(&self)); /* another one with its pid */
	pid = fork();
	if (!pid) {
		(void)pause();
		_exit(0);
	}
	assert_int_equal(process_identify(pid, &child), 0);
	assert_true(process_is_alive(&child));
	assert_int_equal(process_fate(&child), PROCESS_LIVES);
	/* without an answer of /proc nothing is known about it */
	assert_int_equal(process_fate(&(struct process_id){ .pid = pid }), PROCESS_HIDDEN);
	assert_int_equal(kill(pid, SIGKILL), 0);
	while (process_state(pid) != 'Z')
		(void)usleep(1000);
	assert_false(process_is_alive(&child)); /* a zombie acts no more */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(process_is_alive(&child));
	assert_true(process_identify(pid, &child) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_seen_through),
		cmocka_unit_test(addresses_are_read_whole_or_not_at_all),
		cmocka_unit_test(an_address_is_read_to_where_it_goes_wrong),
		cmocka_unit_test(addresses_are_ordered_as_lspci_does),
		cmocka_unit_test(trouble_with_a_device_is_recognized),
		cmocka_unit_test(what_apparmor_denies_is_told),
		cmocka_unit_test(an_input_device_is_known_again),
		cmocka_unit_test(a_power_button_is_found_without_its_driver),
		cmocka_unit_test(quoting_leaves_a_terminal_nothing_to_act_on),
		cmocka_unit_test(logging_keeps_errno),
		cmocka_unit_test(a_terminal_that_takes_nothing_holds_nobody_up),
		cmocka_unit_test(nor_does_one_that_is_nearly_full),
		cmocka_unit_test(a_word_is_found_and_dropped),
		cmocka_unit_test(sizes_of_bars),
		cmocka_unit_test(devices_in_a_row),
		cmocka_unit_test(what_is_kept_by_others_is_parsed),
		cmocka_unit_test(mounts_are_words_and_back),
		cmocka_unit_test(huge_pages_are_of_the_host_or_of_a_node),
		cmocka_unit_test(announced_are_cards_of_devices_only),
		cmocka_unit_test(the_words_of_changes_stay),
		cmocka_unit_test(a_usb_interface_is_named_as_the_kernel_names_it),
		cmocka_unit_test(the_words_of_a_link_are_read_back),
		cmocka_unit_test(slips_are_understood_and_other_words_are_not),
		cmocka_unit_test(a_process_is_its_pid_and_its_start),
		cmocka_unit_test(memory_counts_once_it_is_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
