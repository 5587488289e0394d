/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-question.c - a question to an emulator about itself, asked once and remembered */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "launcher/host/qemu/qemu-question.h"

/**
 * qemu_question() - prepare a question
 * @path:	the emulator, absolute
 * @words:	names the question in the cache, one line
 */
void qemu_question(struct qemu_question *q, const char *path, const char *words)
{
	bool system = host_path_of_system(path, q->system);

	q->file = system ? q->system : path;
	q->for_all = system && !geteuid();
	if (!system || !qemu_cache_key(q->file, words, q->key))
		q->key[0] = '\0';
	host_user_nobodys(&q->as);
}

/**
 * qemu_question_ask() - run the emulator
 * @user:	the VM's user, who runs it if the unused uid cannot; the answer is then not kept
 * @expected:	stands in every answer
 *
 * Return: of host_qemu_ask()
 */
int qemu_question_ask(struct qemu_question *q, const struct host_user *user,
		      const char *const *arguments, const char *input, const char *expected,
		      char *text, size_t size)
{
	int r = q->for_all ? host_qemu_ask(q->file, &q->as, arguments, input, text, size) : -EPERM;

	if (q->for_all && !r && strstr(text, expected))
		return 0;
	q->for_all = false;
	return r == -ETIMEDOUT ? r : host_qemu_ask(q->file, user, arguments, input, text, size);
}

/** qemu_question_known() - has it been answered since the last boot? */
bool qemu_question_known(const struct qemu_question *q, char answer[QEMU_CACHE_ANSWER_MAX])
{
	return *q->key && qemu_cache_get(q->key, answer);
}

/** qemu_question_keep() - remember the answer, when nobody can have forged it */
void qemu_question_keep(const struct qemu_question *q, const char *answer)
{
	if (*q->key && q->for_all)
		qemu_cache_put(q->key, answer);
}
