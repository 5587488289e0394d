/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter-compile.c - compiles the rows of filter-rows.c into the program that the kernel runs
 *
 * When vfio-run is built, not when a VM starts: libseccomp takes longer for it than all the
 * checks of a start together. There are few programs, and nothing of the host is in them.
 *
 * libseccomp makes the body, where a call that no row allows is EPERM. A call that it
 * does not know came after it: a few instructions in front answer that with ENOSYS, since
 * a C library that asks for something new takes its older way on that answer only.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "launcher/plan/programs/filter-memfd.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define NUMBERS 1024	      /* more than there are system calls */
#define X32_BIT 0x40000000u   /* the body kills a process that uses this ABI */
#define RANGES_MAX 32	      /* of numbers that are no call */

/* ---- the body ---------------------------------------------------------------------- */

static uint32_t action_of(const struct filter_row *row)
{
	static const uint32_t actions[] = {
		[FILTER_ALLOW] = SCMP_ACT_ALLOW,
		[FILTER_REFUSE] = SCMP_ACT_ERRNO(EPERM),
		[FILTER_ABSENT] = SCMP_ACT_ERRNO(ENOSYS),
		[FILTER_NEVER] = SCMP_ACT_KILL_PROCESS,
	};

	return actions[row->verdict];
}

static int add_row(scmp_filter_ctx body, const struct filter_row *row, uint32_t by_default)
{
	int call = seccomp_syscall_resolve_name(row->call);
	const struct filter_argument *a = &row->argument;
	const struct scmp_arg_cmp cmp = { .arg = a->index,
					  .op = SCMP_CMP_MASKED_EQ,
					  .datum_a = a->mask,
					  .datum_b = a->value };

	if (call < 0 || action_of(row) == by_default)
		return 0; /* newer than the library, or of another machine: ENOSYS in any case */
	return seccomp_rule_add_exact_array(body, action_of(row), call, a->mask ? 1 : 0, &cmp);
}

static int add_rows(scmp_filter_ctx body, const struct filter_request *request, uint32_t by_default)
{
	int rc = seccomp_attr_set(body, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	/* A tree, not a list: a guest's reads and writes must not pay for its length. */
	if (!rc)
		rc = seccomp_attr_set(body, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; i < filter_row_count && !rc; i++)
		if (!filter_rows[i].need || (filter_rows[i].need & request->needs))
			rc = add_row(body, &filter_rows[i], by_default);
	return rc;
}

static int make_body(const struct filter_request *request, int fd)
{
	uint32_t by_default = request->log ? SCMP_ACT_LOG : SCMP_ACT_ERRNO(EPERM);
	scmp_filter_ctx body = seccomp_init(by_default);
	int rc = body ? add_rows(body, request, by_default) : -ENOMEM;

	if (!rc)
		rc = seccomp_export_bpf(body, fd);
	seccomp_release(body);
	return rc;
}

/* ---- in front of it ------------------------------------------------------------------ */

static bool is_known(int number)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

	free(name);
	return name != NULL;
}

/* Numbers that are no call, up to the last one that is: the rest has no end. */
struct range {
	uint32_t first, last;
};

static size_t find_gaps(struct range *gap)
{
	size_t count = 0;
	int last = 0;

	for (int n = 0; n < NUMBERS; n++)
		if (is_known(n))
			last = n;
	for (int n = 0; n < last && count < RANGES_MAX - 1; n++) {
		if (is_known(n))
			continue;
		gap[count].first = (uint32_t)n;
		while (!is_known(n + 1))
			n++;
		gap[count++].last = (uint32_t)n;
	}
	gap[count++] = (struct range){ (uint32_t)last + 1, X32_BIT - 1 };
	return count;
}

/* Jumps are forward and counted from the next instruction. */
static size_t make_front(struct sock_filter *out)
{
	struct range gap[RANGES_MAX];
	size_t ranges = find_gaps(gap), n = 0;
	uint8_t rest = (uint8_t)(3 * ranges);

	out[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						offsetof(struct seccomp_data, arch));
	/* another machine's numbers are not looked at: the body kills */
	out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0,
						(uint8_t)(rest + 1));
	out[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < ranges; i++) {
		out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, gap[i].first, 0, 2);
		out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, gap[i].last, 1, 0);
		out[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							SECCOMP_RET_ERRNO | ENOSYS);
	}
	return n;
}

static int write_front(const struct filter_request *request, int fd)
{
	struct sock_filter front[3 + 3 * RANGES_MAX];
	size_t size = request->log ? 0 : make_front(front) * sizeof(*front);

	return write(fd, front, size) == (ssize_t)size ? 0 : -EIO;
}

/** filter_request_of() - the request that the program of that index is for */
struct filter_request filter_request_of(unsigned int index)
{
	unsigned int kind = index % FILTER_KINDS;

	return (struct filter_request){ .needs = kind > FILTER_NEEDS_ALL ? FILTER_SWTPM : kind,
					.log = index >= FILTER_KINDS };
}

/**
 * filter_compile() - the program that filters QEMU's system calls
 * @fd_out:	a sealed memfd of struct sock_filter, at offset 0; close-on-exec; the caller
 *		closes it
 *
 * Return: 0; -E2BIG when there are more rows than the kernel takes; other -errno
 */
int filter_compile(const struct filter_request *request, int *fd_out)
{
	cleanup_close int fd = memfd_create("vfio-run-filter", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int rc = fd < 0 ? -errno : write_front(request, fd);
	off_t size;

	if (!rc)
		rc = make_body(request, fd);
	if (rc)
		return rc;
	size = lseek(fd, 0, SEEK_CUR);
	if (size < 0 || lseek(fd, 0, SEEK_SET) < 0 || fcntl(fd, F_ADD_SEALS, SEALS))
		return -errno;
	if ((size_t)size > BPF_MAXINSNS * sizeof(struct sock_filter))
		return -E2BIG;
	*fd_out = take_fd(&fd);
	return 0;
}
