// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * picture.c - a number as a picture that a terminal can draw, and the number in a screendump
 *
 * usage: picture draw NUMBER	bands of colour for a terminal of at least 20 lines
 *	  picture FILE		a PPM, as QEMU's screendump makes one; a block device is read anew
 *
 * A band is a line of the terminal in one of four colours, two bits each, between two marks of
 *other colours; a number has 16 bits, and their sum. A band of the colour of the one above it would
 *be the same band: a digit is drawn as a step from the one before, 1 to 4 of five colours. Printed
 *is `number N` and `colours N`: how many different ones there are, which tells a text console from
 *a desktop.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DIGITS 8
#define SUM 2   /* digits of a sum */
#define MARK 6  /* magenta, which no digit is */
#define LEAST 6 /* lines of pixels that make a band */

/* Of a terminal: 41 red, 42 green, 44 blue, 46 cyan, 47 white; 45 magenta */
static const int sgr[] = { 41, 42, 44, 46, 47 };

static void digits_of(unsigned int number, int digit[DIGITS + SUM])
{
	unsigned int sum = 5;

	for (int i = 0; i < DIGITS; i++) {
		digit[i] = number >> (2 * i) & 3;
		sum += (i + 1) * digit[i];
	}
	digit[DIGITS] = sum & 3;
	digit[DIGITS + 1] = sum >> 2 & 3;
}

static int draw(unsigned int number)
{
	int digit[DIGITS + SUM], colour = 0;

	digits_of(number, digit);
	printf("\033[0m\033[2J\033[H\033[?25l\033[45m%79s\033[0m\n\033[41m%79s\033[0m\n", "", "");
	for (int i = 0; i < DIGITS + SUM; i++) {
		colour = (colour + 1 + digit[i]) % 5;
		printf("\033[%dm%79s\033[0m\n", sgr[colour], "");
	}
	printf("\033[45m%79s\033[0m\n", "");
	return fflush(stdout) ? 1 : 0;
}

/* The colour of a pixel as a digit's, MARK, or -1 */
static int colour_of(const uint8_t *p)
{
	static const int colour[8] = { -1, 0, 1, -1, 2, MARK, 3, 4 };
	int bits = 0;

	for (int i = 0; i < 3; i++) {
		if (p[i] > 70 && p[i] < 130)
			return -1;
		bits |= (p[i] >= 130) << i;
	}
	return colour[bits];
}

/* The bands of a column, from top to bottom. Return: how many */
static int bands(const uint8_t *ppm, int width, int height, int x, int *out, int room)
{
	int count = 0, last = -2, lines = 0;

	for (int y = 0; y < height && count < room; y++) {
		int c = colour_of(ppm + 3 * ((size_t)y * width + x));

		lines = c == last ? lines + 1 : 1;
		last = c;
		if (lines == LEAST)
			out[count++] = c;
	}
	return count;
}

/* Return: the number that those bands are, or -1 */
static int number_of(const int *band)
{
	int digit[DIGITS + SUM], colour = 0, number = 0;

	if (band[0] != MARK || band[1] != 0 || band[2 + DIGITS + SUM] != MARK)
		return -1;
	for (int i = 0; i < DIGITS + SUM; i++) {
		int step = (band[2 + i] - colour + 5) % 5;

		if (band[2 + i] < 0 || band[2 + i] > 4 || step == 0)
			return -1;
		colour = band[2 + i];
		if (i < DIGITS)
			number |= (step - 1) << (2 * i);
		digit[i] = step - 1;
	}
	{
		int wanted[DIGITS + SUM];

		digits_of((unsigned int)number, wanted);
		return memcmp(wanted, digit, sizeof(digit)) ? -1 : number;
	}
}

static int find(const uint8_t *ppm, int width, int height)
{
	int band[256];

	for (int x = 0; x < width; x += 4) {
		int n = bands(ppm, width, height, x, band, 256);

		for (int i = 0; i + DIGITS + SUM + 2 < n; i++) {
			int number = number_of(band + i);

			if (number >= 0)
				return number;
		}
	}
	return -1;
}

static int colours(const uint8_t *ppm, size_t pixels)
{
	static uint8_t seen[1 << 21];
	int count = 0;

	for (size_t i = 0; i < pixels; i++, ppm += 3) {
		uint32_t c = (uint32_t)ppm[0] << 16 | ppm[1] << 8 | ppm[2];

		count += !(seen[c >> 3] >> (c & 7) & 1);
		seen[c >> 3] |= (uint8_t)(1 << (c & 7));
	}
	return count;
}

int main(int argc, char **argv)
{
	int fd, width, height, at = 0, number;
	char head[64] = "";
	uint8_t *ppm;
	size_t size, used = 0;

	if (argc == 3 && !strcmp(argv[1], "draw"))
		return draw((unsigned int)strtoul(argv[2], NULL, 10));
	fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return 2;
	(void)ioctl(fd, BLKFLSBUF, 0);
	if (pread(fd, head, sizeof(head) - 1, 0) < 11 ||
	    sscanf(head, "P6 %d %d 255%n", &width, &height, &at) != 2 || width < 1 || height < 1 ||
	    width > 8192 || height > 8192)
		return 2;
	size = (size_t)3 * width * height;
	ppm = malloc(size);
	while (ppm && used < size) {
		ssize_t n = pread(fd, ppm + used, size - used, at + 1 + (off_t)used);

		if (n <= 0)
			return 2;
		used += (size_t)n;
	}
	if (!ppm)
		return 2;
	number = find(ppm, width, height);
	if (number >= 0)
		printf("number %d\n", number);
	printf("colours %d\n", colours(ppm, (size_t)width * height));
	return 0;
}
