/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu-cache.c - answers of emulators about themselves, cached until the next boot
 *
 * Asking one costs a third of a second, on every start, and the answer changes only
 * with the file. An entry holds the question, the emulator (path, device, inode,
 * size, times) and the answer; any other file is another entry. Only root writes, and
 * only what root wrote is used; and only answers that no user can have forged are written: of
 * files that only root can change, run as a user whose processes no user can trace. This is all
 * that launcher/host ever writes.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/qemu/qemu-cache.h"

#define RUN_DIR "/run/vfio-run"
#define CACHE_DIR RUN_DIR "/cache"
/* As whom the emulators ran: earlier caches had answers of the VM's user, and are not used. */
#define ANSWERED_BY "nobody"

static bool may_write; /* only a run does: list, check and --dry-run change nothing */

/** qemu_cache_allow() - from here on answers are remembered */
void qemu_cache_allow(void)
{
	may_write = true;
}

/**
 * qemu_cache_key() - the question and the emulator, in one line
 * @emulator:	absolute path of a file that only root can change, and no link
 * @question:	one line
 * @key:	filled: to be made before the question is asked, or an update in between would
 *		have the old file's answer
 *
 * Return: true when it could be made
 */
bool qemu_cache_key(const char *emulator, const char *question, char key[QEMU_CACHE_KEY_MAX])
{
	struct stat st;
	int n;

	if (stat(emulator, &st) < 0 || strpbrk(emulator, "\n") || strpbrk(question, "\n"))
		return false;
	n = snprintf(key, QEMU_CACHE_KEY_MAX, ANSWERED_BY " %s %s %ju:%ju %jd %jd.%09ld %jd.%09ld", question, emulator,
		     (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, (intmax_t)st.st_size,
		     (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec,
		     st.st_ctim.tv_nsec);
	return n > 0 && n < QEMU_CACHE_KEY_MAX;
}

/* FNV-1a makes the file's name; the key inside decides. */
static void make_path(const char *key, char *path, size_t size)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * UINT64_C(1099511628211);
	(void)snprintf(path, size, CACHE_DIR "/%016" PRIx64, h);
}

static bool is_roots(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == 0 && !(st.st_mode & 0022);
}

/**
 * qemu_cache_get() - has this very file answered before?
 * @key:	of qemu_cache_key()
 * @answer:	filled when it has
 *
 * Return: true when it has
 */
bool qemu_cache_get(const char *key, char answer[QEMU_CACHE_ANSWER_MAX])
{
	char path[64], text[QEMU_CACHE_KEY_MAX + QEMU_CACHE_ANSWER_MAX];
	cleanup_close int fd = -1;
	size_t length;
	ssize_t n;

	make_path(key, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || !is_roots(fd))
		return false;
	n = read(fd, text, sizeof(text) - 1);
	length = strlen(key);
	if (n <= (ssize_t)length + 1)
		return false;
	text[n] = '\0';
	if (strncmp(text, key, length) || text[length] != '\n' || text[n - 1] != '\n')
		return false;
	text[n - 1] = '\0';
	return (size_t)snprintf(answer, QEMU_CACHE_ANSWER_MAX, "%s", text + length + 1) <
	       QEMU_CACHE_ANSWER_MAX;
}

/* Modes are exact, whatever the umask is; both directories must be root's. */
static bool make_dirs(void)
{
	static const struct {
		const char *path;
		mode_t mode;
	} dirs[] = { { RUN_DIR, 0711 }, { CACHE_DIR, 0755 } };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		bool made = mkdir(dirs[i].path, dirs[i].mode) == 0;
		cleanup_close int fd =
			open(dirs[i].path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0 || !is_roots(fd) || (made && fchmod(fd, dirs[i].mode) < 0))
			return false;
	}
	return true;
}

/**
 * qemu_cache_put() - remember an answer; a failure costs only time, so it is not reported
 * @key:	of qemu_cache_key(), made before the question was asked
 * @answer:	one line, shorter than QEMU_CACHE_ANSWER_MAX
 */
void qemu_cache_put(const char *key, const char *answer)
{
	char path[64], fresh[96];
	cleanup_close int fd = -1;
	bool written;

	if (!may_write || geteuid() != 0 || strpbrk(answer, "\n") ||
	    strlen(answer) >= QEMU_CACHE_ANSWER_MAX || !make_dirs())
		return;
	make_path(key, path, sizeof(path));
	(void)snprintf(fresh, sizeof(fresh), "%s.%d", path, (int)getpid());
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return;
	written = fchmod(fd, 0644) == 0 && dprintf(fd, "%s\n%s\n", key, answer) > 0;
	if (!written || rename(fresh, path) < 0)
		(void)unlink(fresh);
}
