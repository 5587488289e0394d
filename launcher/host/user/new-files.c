/* SPDX-License-Identifier: GPL-2.0-or-later */
/* new-files.c - files of a new VM, looked at and made as the user whose they are */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/host/user/as-user.h"
#include "launcher/host/user/new-files.h"

#define DESCRIPTOR_AT 0x8000 /* behind the 16 sectors of the system area. Source: ECMA-119, 6.2 and 8.1 */
#define SPARE (1u << 20)     /* that some programs leave away: empty sectors at the end */

/* The volume's size, in blocks of its own. Source: ECMA-119, 8.4; UDF, ECMA-167, 2/9.1 */
static void read_descriptor(struct new_iso *iso, const uint8_t *d)
{
	bool iso9660 = !memcmp(d + 1, "CD001", 5);

	iso->cd = iso9660 || !memcmp(d + 1, "BEA01", 5);
	if (iso9660 && d[0] == 1)
		iso->wanted = (uint64_t)(d[80] | d[81] << 8 | d[82] << 16 | (uint32_t)d[83] << 24) * (uint32_t)(d[128] | d[129] << 8);
}

static int do_iso(const void *request, void *reply)
{
	struct new_iso *iso = reply;
	uint8_t descriptor[130] = { 0 };
	cleanup_close int fd = -1;
	struct stat st;

	if (!realpath(request, iso->path) ||
	    (fd = open(iso->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) < 0 ||
	    fstat(fd, &st)) {
		iso->error = -errno;
		return -1;
	}
	iso->regular = S_ISREG(st.st_mode);
	iso->folder = S_ISDIR(st.st_mode);
	if (!iso->regular) /* nothing is read of a device */
		return -1;
	iso->bytes = (uint64_t)st.st_size;
	(void)!pread(fd, iso->head, sizeof(iso->head), 0);
	if (pread(fd, descriptor, sizeof(descriptor), DESCRIPTOR_AT) == (ssize_t)sizeof(descriptor))
		read_descriptor(iso, descriptor);
	return -1;
}

/** new_files_iso() - what an image of a CD is; Return: 0, or that of as_user_call() */
int new_files_iso(const struct host_user *user, const char *path, struct new_iso *out)
{
	return as_user_call(user, do_iso, path, out, sizeof(*out), NULL);
}

/* What is taken for a CD by mistake; the first bytes say what it is. */
static const struct {
	const char *head, *what;
} mistaken[] = {
	{ "<", "a web page: download the image itself" },
	{ "QFI\xfb", "a disk image (qcow2): that is a [disk]" },
	{ "KDMV", "a disk image (vmdk): that is a [disk], when qemu-img has converted it" },
	{ "vhdxfile", "a disk image (vhdx): that is a [disk], when qemu-img has converted it" },
	{ "PK\x03\x04", "an archive (zip): unpack it" },
	{ "\x1f\x8b", "compressed (gzip): unpack it" },
	{ "\xfd" "7zXZ", "compressed (xz): unpack it" },
	{ "\x28\xb5\x2f\xfd", "compressed (zstd): unpack it" },
};

/**
 * new_files_is_cd() - is it an image of a CD, and all of it there?
 * @only_known:	what is not known is taken for one: guests read what else there is, too
 * @why:	receives what it is instead, and what to do
 */
bool new_files_is_cd(const struct new_iso *iso, bool only_known, char *why, size_t size)
{
	if (!iso->regular) {
		(void)snprintf(why, size, iso->folder ? "a folder: name the image in it" :
							"a device: copy the disc into a file with `dd`, and name that");
		return false;
	}
	if (iso->cd && iso->wanted > iso->bytes + SPARE) {
		(void)snprintf(why, size, "cut off (%llu MiB by its own descriptor, and %llu KiB are there): download it again",
			       (unsigned long long)(iso->wanted >> 20), (unsigned long long)(iso->bytes >> 10));
		return false;
	}
	for (size_t i = 0; !iso->cd && i < ARRAY_SIZE(mistaken); i++)
		if (!memcmp(iso->head, mistaken[i].head, strlen(mistaken[i].head))) {
			(void)snprintf(why, size, "%s", mistaken[i].what);
			return false;
		}
	if (iso->cd || only_known)
		return true;
	(void)snprintf(why, size, "no image of a CD (%llu bytes): download it again", (unsigned long long)iso->bytes);
	return false;
}

static int do_drivers(const void *request, void *reply)
{
	const char *home = request;
	static const char *const places[] = { "/usr/share/virtio-win/virtio-win.iso",
					      "/var/lib/libvirt/images/virtio-win.iso" };
	char *path = reply;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (!access(places[i], R_OK))
			return snprintf(path, PATH_MAX, "%s", places[i]), -1;
	(void)snprintf(path, PATH_MAX, "%s/Downloads/virtio-win.iso", home);
	if (access(path, R_OK))
		*path = '\0';
	return -1;
}

/** new_files_drivers() - the CD with virtio's drivers for Windows; @path: PATH_MAX bytes, "" there is none */
int new_files_drivers(const struct host_user *user, char *path, size_t size)
{
	return as_user_call(user, do_drivers, user->home, path, size, NULL);
}

struct written {
	const char *path, *text;
};

static int write_new(const char *path, const char *text)
{
	cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	size_t size = strlen(text);
	ssize_t n = fd < 0 ? -1 : write(fd, text, size);

	if (fd < 0)
		return -errno;
	if (n == (ssize_t)size && !fchmod(fd, 0644) && !fsync(fd))
		return 0;
	(void)unlink(path);
	return n < 0 ? -errno : -ENOSPC;
}

static int do_text(const void *request, void *reply)
{
	const struct written *w = request;
	int r = as_user_make_parents(w->path);

	if (!r)
		r = write_new(w->path, w->text);
	memcpy(reply, &r, sizeof(r));
	return -1;
}

/**
 * new_files_text() - write a file that is not there yet
 * @path:	absolute; directories that are missing are made, with mode 0700
 *
 * Return: 0, -EEXIST, the -errno of writing it, or that of as_user_call()
 */
int new_files_text(const struct host_user *user, const char *path, const char *text)
{
	const struct written w = { path, text };
	int error = 0, r = as_user_call(user, do_text, &w, &error, sizeof(error), NULL);

	return r ? r : error;
}

/* By qemu-img, which gives the format its newest features. */
static int create(const char *path)
{
	char *const argv[] = { (char[]){ "qemu-img" }, (char[]){ "create" }, (char[]){ "-q" },
			       (char[]){ "-f" }, (char[]){ "qcow2" }, strdup(path),
			       (char[]){ NEW_FILES_DISK }, NULL };
	char *const none[] = { NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execve("/usr/bin/qemu-img", argv, none);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	return status ? -EIO : 0;
}

static int do_disk(const void *request, void *reply)
{
	const char *path = request;
	int r = access("/usr/bin/qemu-img", X_OK) ? -ENOPKG : as_user_make_parents(path);

	if (!r && access(path, F_OK))
		r = create(path);
	memcpy(reply, &r, sizeof(r));
	return -1;
}

/**
 * new_files_disk() - an empty qcow2 image of NEW_FILES_DISK, sparse; one that is there stays as it is
 *
 * Return: 0, -ENOPKG without qemu-img, other -errno
 */
int new_files_disk(const struct host_user *user, const char *path)
{
	int error = 0, r = as_user_call(user, do_disk, path, &error, sizeof(error), NULL);

	return r ? r : error;
}
