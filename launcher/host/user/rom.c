/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rom.c - is a file the expansion ROM of a PCI device?
 *
 * QEMU hands any bytes to the guest, whose firmware then finds no option ROM and leaves the screen
 * dark; an empty file it refuses, when the card has already left its driver. Guides have people
 * download ROMs and cut them by hand, so both are common. Source: PCI Firmware Specification 3.3,
 * section 5.1, and drivers/pci/rom.c.
 *
 * The file is the user's: a child that is the user reads it, and only the verdict comes back.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/host/user/as-user.h"
#include "launcher/host/user/rom.h"

#define ROM_BYTES_MAX (16u << 20) /* kernel and QEMU know none above 16 MiB */
#define DATA_POINTER 0x18         /* in an image: where its PCI data structure is */
#define IMAGES_MAX 64

/* In the PCI data structure, which begins with "PCIR". */
enum {
	DATA_VENDOR = 4,
	DATA_DEVICE = 6,
	DATA_BLOCKS = 0x10, /* of 512 bytes, of the image */
	DATA_KIND = 0x14,   /* 0: x86 BIOS, 3: EFI */
	DATA_LAST = 0x15,   /* bit 7: no other image follows */
	DATA_BYTES = 0x18,
};

static uint16_t little_endian(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

/* Return: the PCI data structure of the image at @at, NULL when there is none there */
static const uint8_t *image_data(const uint8_t *bytes, size_t size, size_t at)
{
	size_t data;

	if (size < at + DATA_POINTER + 2 || bytes[at] != 0x55 || bytes[at + 1] != 0xaa)
		return NULL;
	data = at + little_endian(bytes + at + DATA_POINTER);
	if (data + DATA_BYTES > size || memcmp(bytes + data, "PCIR", 4))
		return NULL;
	return bytes + data;
}

/* Flashing tools write headers of their own before the ROM, of no certain length. */
static size_t find_front(const uint8_t *bytes, size_t size)
{
	for (size_t at = 1; at + DATA_POINTER + 2 <= size; at++)
		if (image_data(bytes, size, at))
			return at;
	return 0;
}

static void judge_start(const uint8_t *bytes, size_t size, struct rom *out)
{
	out->front = find_front(bytes, size);
	out->nvidia = size >= 4 && !memcmp(bytes, "NVGI", 4);
	if (!size)
		out->problem = ROM_EMPTY;
	else if (out->front)
		out->problem = ROM_FRONT;
	else if (size < 2 || bytes[0] != 0x55 || bytes[1] != 0xaa)
		out->problem = ROM_NO_SIGNATURE;
	else
		out->problem = ROM_NO_DATA;
}

/**
 * rom_judge() - what is wrong with these bytes as an expansion ROM
 * @bytes:	the whole file
 * @out:	problem, front, wanted, vendor, device, bios, efi are filled
 */
void rom_judge(const uint8_t *bytes, size_t size, struct rom *out)
{
	const uint8_t *data = image_data(bytes, size, 0);
	size_t at = 0;

	*out = (struct rom){ .problem = ROM_GOOD, .bytes = size };
	if (!data) {
		judge_start(bytes, size, out);
		return;
	}
	out->vendor = little_endian(data + DATA_VENDOR);
	out->device = little_endian(data + DATA_DEVICE);
	for (int i = 0; data && i < IMAGES_MAX; i++) {
		size_t blocks = little_endian(data + DATA_BLOCKS);

		out->bios |= data[DATA_KIND] == 0;
		out->efi |= data[DATA_KIND] == 3;
		at += blocks * 512;
		if (data[DATA_LAST] & 0x80 || !blocks)
			break;
		data = image_data(bytes, size, at);
	}
	out->wanted = at;
	if (at > size)
		out->problem = ROM_CUT;
}

/**
 * rom_words() - what is wrong with a ROM, and what can be done about it
 *
 * Return: false when nothing is
 */
bool rom_words(const struct rom *rom, char *what, size_t size, char *remedy, size_t remedy_size)
{
	(void)snprintf(remedy, remedy_size, ROM_ANOTHER);
	switch (rom->problem) {
	case ROM_GOOD:
		return false;
	case ROM_EMPTY:
		(void)snprintf(what, size, "is empty, which QEMU does not take");
		break;
	case ROM_NO_SIGNATURE:
		(void)snprintf(what, size, "is no ROM: it does not start with the bytes 55 AA");
		break;
	case ROM_NO_DATA:
		(void)snprintf(
			what, size,
			"is no ROM of a PCI device: 55 AA is not followed by the structure PCIR");
		break;
	case ROM_CUT:
		(void)snprintf(what, size,
			       "is cut off: its images have %" PRIu64
			       " bytes, the file has %" PRIu64,
			       rom->wanted, rom->bytes);
		break;
	case ROM_FRONT:
		(void)snprintf(what, size,
			       "has %" PRIu64 " bytes of %s before the ROM", rom->front,
			       rom->nvidia ? "NVIDIA's flashing tool (NVGI)" : "a flashing tool's");
		(void)snprintf(remedy, remedy_size,
			       "cut them off: `tail -c +%" PRIu64 " FILE >NEW`", rom->front + 1);
		break;
	}
	return true;
}

static void read_rom(int fd, struct rom *out)
{
	struct stat st;
	size_t size;
	void *bytes;

	if (fstat(fd, &st)) {
		out->error = -errno;
		return;
	}
	if (!st.st_size || !S_ISREG(st.st_mode)) {
		rom_judge(NULL, 0, out);
		return;
	}
	size = st.st_size < (off_t)ROM_BYTES_MAX ? (size_t)st.st_size : ROM_BYTES_MAX;
	bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED) {
		out->error = -errno;
		return;
	}
	rom_judge(bytes, size, out);
	out->bytes = (uint64_t)st.st_size;
	(void)munmap(bytes, size);
}

static int do_rom(const void *request, void *reply)
{
	struct rom *out = reply;
	int fd = open(request, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	*out = (struct rom){ .error = fd < 0 ? -errno : 0 };
	if (fd >= 0) {
		read_rom(fd, out);
		(void)close(fd);
	}
	return -1;
}

/**
 * host_rom() - read a file as that user, and judge it as an expansion ROM
 * @path:	absolute
 * @out:	overwritten; a file that cannot be read is no error of the call but @out->error
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_rom(const struct host_user *user, const char *path, struct rom *out)
{
	*out = (struct rom){ .error = 0 };
	return as_user_call(user, do_rom, path, out, sizeof(*out), NULL);
}
