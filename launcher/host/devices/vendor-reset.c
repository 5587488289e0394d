/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vendor-reset.c - is a card one that the module vendor-reset has a reset for? */
#include "launcher/host/devices/quirks.h"
#include "launcher/host/devices/vendor-reset.h"

/** host_vendor_reset_knows() - is it a card that this module can reset? */
bool host_vendor_reset_knows(uint16_t vendor, uint16_t device)
{
	return quirk_ids_match(VENDOR_RESET_KNOWN, vendor, device);
}
