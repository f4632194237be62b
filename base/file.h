/* SPDX-License-Identifier: MIT */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"

/*
 * Whole files, in one step: a reader sees the old bytes or the new ones, and
 * after a crash the same.  Relative paths are fine.
 */

/* Reads a regular file into buffer.  Returns 0 or -errno; -EMSGSIZE past its limit. */
int file_read(const char *path, struct buffer *buffer);

/*
 * Replaces path by length bytes with that mode: temporary name in the same
 * directory, fsync, rename, fsync of the directory.  Follows a symbolic link
 * at path, so a linked config stays linked.  Returns 0 or -errno; then the
 * old file stands and no temporary one is left.
 */
int file_write(const char *path, mode_t mode, const void *bytes, size_t length);

/* Renames within a directory, which it syncs.  Returns 0 or -errno. */
int file_rename(const char *from, const char *to);

/* Removes path and syncs its directory.  Returns 0, also when there was none, or -errno.
 */
int file_remove(const char *path);

/* The same, with its bytes overwritten first: for sealed keys on a tmpfs. */
int file_wipe(const char *path);

/* Wipes what file_write(path) left beside path when its process was killed. */
void file_clear(const char *path);

/*
 * Wipes what file_write() left in a directory when its process was killed.  Only
 * for a directory in which nobody else writes now.  A missing one is fine.
 */
void directory_clear(const char *path);

/*
 * Makes the directory and its missing parents with that mode.  Returns 0 or
 * -errno; -EPERM if the last one is not ours or is open to others when mode
 * has no bits for them.
 */
int directory_make(const char *path, mode_t mode);

/* Joins "dir/name" and suffix; the caller frees it.  NULL when memory is short. */
char *path_join(const char *directory, const char *name, const char *suffix);

#endif
