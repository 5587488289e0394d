/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-usb-watch.c - which of the kernel's messages are of a USB device that has come or gone */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "launcher/host/devices/usb-watch.h"

#define HEAD(action) action "@/devices/pci0000:00/0000:00:14.0/usb1/1-2\0"
#define BODY(action, type) \
	"ACTION=" action   \
	"\0DEVPATH=/devices/pci0000:00/0000:00:14.0/usb1/1-2\0SUBSYSTEM=usb\0DEVTYPE=" type

static void parsed(void **state)
{
	static const char add[] = HEAD("add") BODY("add", "usb_device");
	static const char gone[] = HEAD("remove") BODY("remove", "usb_device");
	struct host_usb_event e;

	(void)state;
	assert_true(host_usb_event_parse(add, sizeof(add) - 1, &e));
	assert_true(e.added);
	assert_string_equal(e.name, "1-2");
	assert_true(host_usb_event_parse(gone, sizeof(gone) - 1, &e));
	assert_false(e.added);
}

static void refused(void **state)
{
	static const struct {
		const char *text;
		size_t size;
	} cases[] = {
#define CASE(text) { text, sizeof(text) - 1 }
		CASE(""),
		CASE("add"),
		CASE("\0\0\0"),
		CASE("DEVTYPE=usb_device"),
		CASE(BODY("add", "usb_interface")),
		CASE(BODY("bind", "usb_device")),
		CASE("ACTION=add\0DEVTYPE=usb_device"),
		CASE("ACTION=add\0DEVTYPE=usb_device\0DEVPATH=1-2"),
		CASE("ACTION=add\0DEVTYPE=usb_device\0DEVPATH=/a/12345678901234567890123456789012345678901234567890"),
		CASE("XACTION=add\0DEVTYPE=usb_device\0DEVPATH=/a/1-2"),
	};
	struct host_usb_event e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char copy[256]; /* with the NUL behind it, and nothing else */

		memset(copy, 'x', sizeof(copy));
		memcpy(copy, cases[i].text, cases[i].size);
		copy[cases[i].size] = '\0';
		assert_false(host_usb_event_parse(copy, cases[i].size, &e));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(parsed), cmocka_unit_test(refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
