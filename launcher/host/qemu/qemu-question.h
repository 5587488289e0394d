/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu-question.h - a question to an emulator about itself, asked once and remembered
 *
 * Inside launcher/host only.
 */
#ifndef VFIO_RUN_HOST_QEMU_QUESTION_H
#define VFIO_RUN_HOST_QEMU_QUESTION_H

#include "launcher/host/qemu/qemu-cache.h"
#include "launcher/host/qemu/qemu.h"

/*
 * As which user an emulator is run. One that only root can change runs as a user who has no
 * other process: a process of the VM's user could take the pipe out of one of the same user
 * (pidfd_getfd(2)), and forge the answer for all users. The answer of a user's own file is
 * used for that user alone.
 */
struct qemu_question {
	char system[PATH_MAX];
	const char *file; /* what is executed: of the system's the file itself, and no link to it */
	struct host_user as;
	bool for_all;                 /* the answer may be remembered */
	char key[QEMU_CACHE_KEY_MAX]; /* "": it cannot be */
};

void qemu_question(struct qemu_question *q, const char *path, const char *words);
int qemu_question_ask(struct qemu_question *q, const struct host_user *user,
		      const char *const *arguments, const char *input, const char *expected,
		      char *text, size_t size) must_check;
bool qemu_question_known(const struct qemu_question *q, char answer[QEMU_CACHE_ANSWER_MAX]);
void qemu_question_keep(const struct qemu_question *q, const char *answer);

#endif /* VFIO_RUN_HOST_QEMU_QUESTION_H */
