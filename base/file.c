/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Of a file that is being written; told from all others by its two ends. */
#define RANDOM ".XXXXXX"
#define UNFINISHED ".new"

int file_read(const char *path, struct buffer *buffer)
{
	scoped(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat about;

	if (fd < 0 || fstat(fd, &about) < 0)
		return -errno;
	if (!S_ISREG(about.st_mode))
		return S_ISDIR(about.st_mode) ? -EISDIR : -EINVAL;
	return buffer_read_all(buffer, fd);
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t wrote = write(fd, bytes, length);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return -errno;
		bytes += wrote;
		length -= (size_t)wrote;
	}
	return 0;
}

static int sync_directory_of(const char *path)
{
	scoped(freep) char *copy = strdup(path);
	scoped(closep) int fd = -1;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

/* Writes a fresh file and makes it durable; on failure none is left. */
static int write_new(char *template, mode_t mode, const void *bytes, size_t length)
{
	scoped(closep) int fd = mkostemps(template, sizeof(UNFINISHED) - 1, O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, bytes, length);
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = -errno;
	if (r < 0)
		unlink(template);
	return r;
}

/* The file itself, also where path is a link to it. */
static char *target_of(const char *path)
{
	char *target = realpath(path, NULL);

	return target ? target : strdup(path);
}

int file_write(const char *path, mode_t mode, const void *bytes, size_t length)
{
	scoped(freep) char *target = target_of(path);
	scoped(freep) char *temporary = NULL;
	int r;

	if (!target || asprintf(&temporary, "%s" RANDOM UNFINISHED, target) < 0) {
		temporary = NULL;
		return -ENOMEM;
	}
	r = write_new(temporary, mode, bytes, length);
	if (r < 0)
		return r;
	if (rename(temporary, target) < 0) {
		r = -errno;
		unlink(temporary);
		return r;
	}
	return sync_directory_of(target);
}

int file_rename(const char *from, const char *to)
{
	return rename(from, to) < 0 ? -errno : sync_directory_of(to);
}

int file_remove(const char *path)
{
	if (unlink(path) < 0)
		return errno == ENOENT ? 0 : -errno;
	return sync_directory_of(path);
}

int file_wipe(const char *path)
{
	static const char zeros[4096];
	scoped(closep) int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat about;

	if (fd >= 0 && fstat(fd, &about) == 0)
		for (off_t at = 0; at < about.st_size; at += (off_t)sizeof(zeros))
			if (pwrite(fd, zeros, sizeof(zeros), at) < 0)
				break;
	return file_remove(path);
}

static bool is_named_after(const char *name, const char *base)
{
	size_t length = strlen(base);

	return strncmp(name, base, length) == 0 &&
	       strlen(name) == length + sizeof(RANDOM UNFINISHED) - 1;
}

static bool is_unfinished(const char *name)
{
	size_t length = strlen(name), ends = sizeof(RANDOM UNFINISHED) - 1;

	return length > ends && name[length - ends] == RANDOM[0] &&
	       strcmp(name + length - (sizeof(UNFINISHED) - 1), UNFINISHED) == 0;
}

/* base: of that file only; NULL: of any. */
static void clear(const char *path, const char *base)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		scoped(freep) char *file = path_join(path, entry->d_name, "");

		if (file && is_unfinished(entry->d_name) &&
		    (!base || is_named_after(entry->d_name, base)))
			(void)file_wipe(file);
	}
	if (directory)
		closedir(directory);
}

void directory_clear(const char *path)
{
	clear(path, NULL);
}

void file_clear(const char *path)
{
	scoped(freep) char *target = target_of(path);
	scoped(freep) char *copy = target ? strdup(target) : NULL;

	if (copy)
		clear(dirname(copy), basename(target));
}

static int check_private(const char *path, mode_t mode)
{
	struct stat about;

	if (stat(path, &about) < 0)
		return -errno;
	if (!S_ISDIR(about.st_mode))
		return -ENOTDIR;
	if ((mode & 077) == 0 && (about.st_uid != geteuid() || (about.st_mode & 077)))
		return -EPERM;
	return 0;
}

int directory_make(const char *path, mode_t mode)
{
	scoped(freep) char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	if (mkdir(copy, mode) < 0 && errno != EEXIST)
		return -errno;
	return check_private(path, mode);
}

char *path_join(const char *directory, const char *name, const char *suffix)
{
	char *path;

	return asprintf(&path, "%s/%s%s", directory, name, suffix) < 0 ? NULL : path;
}
