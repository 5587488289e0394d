/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rom.h - is a file the expansion ROM of a PCI device? */
#ifndef VFIO_RUN_HOST_ROM_H
#define VFIO_RUN_HOST_ROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/host/user/user.h"

/* What is wrong with it, the first thing that is. */
enum rom_problem {
	ROM_GOOD,
	ROM_EMPTY,
	ROM_NO_SIGNATURE, /* does not start with 55 AA, and has none further on either */
	ROM_FRONT,        /* what a flashing tool put in front of it is still there */
	ROM_NO_DATA,      /* 55 AA, but no PCI data structure: two bytes prove nothing */
	ROM_CUT,          /* the file ends before the image does */
};

#define ROM_ANOTHER "remove `rom`: most cards need none; or save the card's own ROM again"

struct rom {
	int error; /* 0, or the -errno of reading it */
	enum rom_problem problem;
	uint64_t front;          /* ROM_FRONT: bytes before the ROM */
	bool nvidia;             /* they are those of NVIDIA's flashing tool */
	uint64_t wanted;         /* ROM_CUT: bytes that the images declare */
	uint64_t bytes;          /* of the file */
	uint16_t vendor, device; /* of the first image */
	bool bios, efi;          /* it has an image of that kind */
};

bool rom_words(const struct rom *rom, char *what, size_t size, char *remedy, size_t remedy_size);
void rom_judge(const uint8_t *bytes, size_t size, struct rom *out);
int host_rom(const struct host_user *user, const char *path, struct rom *out) must_check;

#endif /* VFIO_RUN_HOST_ROM_H */
