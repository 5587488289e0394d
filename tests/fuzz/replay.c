// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * replay.c - runs a fuzz target over its seed corpus, without a fuzzer: in check-fast
 *
 * usage: replay FOLDER. Every file is one test; a finding ends the program, which is a failure.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *folder, const char *name, uint8_t *data)
{
	char path[4096];
	size_t size;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "re");
	if (!f)
		return 1;
	size = fread(data, 1, INPUT_MAX, f);
	(void)fclose(f);
	return LLVMFuzzerTestOneInput(data, size);
}

int main(int argc, char **argv)
{
	uint8_t *data = malloc(INPUT_MAX);
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
	const struct dirent *e;
	int n = 0;

	if (!data || !dir)
		return 2;
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		printf("%sok %d - %s\n", replay(argv[1], e->d_name, data) ? "not " : "", n + 1, e->d_name);
		n++;
	}
	printf("1..%d\n", n);
	(void)closedir(dir);
	free(data);
	return n ? 0 : 1;
}
