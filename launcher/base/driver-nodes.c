/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * driver-nodes.c - nodes of a graphics card that its own directory of sysfs does not have
 *
 * NVIDIA's driver makes its nodes by itself, one for each card: /dev/nvidia0. AMD's has one for
 * all of them, /dev/kfd, and says elsewhere which cards are behind it. Sources: NVIDIA's
 * kernel-open/nvidia/nv-procfs.c; drivers/gpu/drm/amd/amdkfd/kfd_topology.c, node_show().
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/driver-nodes.h"
#include "launcher/base/entries.h"
#include "launcher/base/sysfs.h"

/**
 * driver_nodes_nvidia() - has NVIDIA's driver this card, and which of its nodes is it?
 * @root:	directory that holds proc/
 * @name:	the card's address
 * @minor:	filled then; the major number is NVIDIA_MAJOR
 */
bool driver_nodes_nvidia(int root, const char *name, unsigned int *minor)
{
	char path[96], text[1024];
	const char *line;

	(void)snprintf(path, sizeof(path), "proc/driver/nvidia/gpus/%s/information", name);
	if (sysfs_read(root, path, text, sizeof(text)) <= 0)
		return false;
	line = strstr(text, "Device Minor:");
	return line && sscanf(line, "Device Minor: %u", minor) == 1;
}

struct search {
	const struct pci_address *device;
	unsigned int cards;
	bool found;
};

/* "location_id 768": bus, device and function, as in one number of PCI; a processor has 0. */
static int visit_node(void *context, int dir, const char *name, unsigned int type)
{
	struct search *s = context;
	const struct pci_address *a = s->device;
	uint32_t location = 0, domain = 0;
	char path[32], text[2048];
	const char *at;

	(void)type;
	(void)snprintf(path, sizeof(path), "%.10s/properties", name);
	if (sysfs_read(dir, path, text, sizeof(text)) <= 0)
		return 0;
	at = strstr(text, "location_id ");
	if (!at || sscanf(at, "location_id %" SCNu32, &location) != 1 || !location)
		return 0;
	at = strstr(text, "\ndomain ");
	if (at)
		(void)sscanf(at, " domain %" SCNu32, &domain);
	s->cards++;
	s->found |= domain == a->domain &&
		    location == ((uint32_t)a->bus << 8 | (uint32_t)a->device << 3 | a->function);
	return 0;
}

/**
 * driver_nodes_kfd() - is this card behind /dev/kfd?
 * @root:	directory that holds sys/
 * @cards:	how many are, with it
 */
bool driver_nodes_kfd(int root, const struct pci_address *device, unsigned int *cards)
{
	cleanup_close int dir = openat(root, "sys/class/kfd/kfd/topology/nodes",
				       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct search s = { .device = device };

	*cards = 0;
	if (dir < 0 || entries_each(dir, visit_node, &s))
		return false;
	*cards = s.cards;
	return s.found;
}

/** driver_nodes_kfd_number() - the numbers of /dev/kfd; false: there is none */
bool driver_nodes_kfd_number(int root, unsigned int *major, unsigned int *minor)
{
	char text[32];

	return sysfs_read(root, "sys/class/kfd/kfd/dev", text, sizeof(text)) > 0 &&
	       sscanf(text, "%u:%u", major, minor) == 2;
}
