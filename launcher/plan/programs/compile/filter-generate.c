/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filter-generate.c - writes the compiled filters as C, on stdout; run when vfio-run is built */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/plan/programs/filter-memfd.h"

static int write_program(unsigned int index)
{
	const struct filter_request request = filter_request_of(index);
	struct sock_filter code;
	cleanup_close int fd = -1;
	unsigned int length = 0;
	int rc = filter_compile(&request, &fd);

	if (rc) {
		(void)fprintf(stderr, "filter %u: %s\n", index, strerror(-rc));
		return rc;
	}
	(void)printf("static const struct sock_filter program_%u[] = {\n", index);
	for (; read(fd, &code, sizeof(code)) == (ssize_t)sizeof(code); length++)
		(void)printf("\t{ 0x%04x, %u, %u, 0x%08x },\n", code.code, code.jt, code.jf, code.k);
	(void)printf("};\n\n");
	return length ? 0 : -1;
}

int main(void)
{
	(void)printf("/* Made by launcher/plan/programs/compile/filter-generate.c: what it is made of is "
		     "launcher/plan/programs/filter-rows.c. */\n#include \"launcher/plan/programs/filter-memfd.h\"\n\n");
	for (unsigned int i = 0; i < FILTER_PROGRAMS; i++)
		if (write_program(i))
			return 1;
	(void)printf("const struct filter_program filter_programs[FILTER_PROGRAMS] = {\n");
	for (unsigned int i = 0; i < FILTER_PROGRAMS; i++)
		(void)printf("\t{ program_%u, sizeof(program_%u) },\n", i, i);
	(void)printf("};\n");
	return fflush(stdout) ? 1 : 0;
}
