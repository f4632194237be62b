/* SPDX-License-Identifier: MIT */
#include "client/aws-file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "client/aws-config.h"
#include "protocol/address.h"

static enum error_kind kind_of(int errnum)
{
	switch (errnum) {
	case EACCES:
	case EPERM:
	case EROFS:
		return ERROR_FORBIDDEN;
	case EISDIR:
	case ENOTDIR:
	case EINVAL:
	case ENOENT:
	case ELOOP:
		return ERROR_USAGE;
	case EMSGSIZE:
		return ERROR_LIMIT;
	default:
		return ERROR_INTERNAL;
	}
}

static int cannot(const char *path, int errnum, struct error *error)
{
	return error_set(error, kind_of(errnum), "%s: %s", TEXT_ESCAPED(path),
			 strerror(errnum));
}

/* The one that holds the file itself, also where path is a link to it; made if missing.
 */
static char *directory_of(const char *path)
{
	scoped(freep) char *copy = realpath(path, NULL);

	if (!copy)
		copy = strdup(path);
	return copy ? strdup(dirname(copy)) : NULL;
}

int aws_file_lock(const char *path, struct error *error)
{
	scoped(freep) char *directory = directory_of(path);
	scoped(closep) int fd = -1;
	int r = directory ? 0 : -ENOMEM;

	if (r == 0 && access(directory, F_OK) < 0)
		r = directory_make(directory, 0700);
	if (r < 0)
		return cannot(path, -r, error);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return cannot(path, errno, error);
	(void)flock(fd, LOCK_EX); /* NFS has none for directories: then as without */
	return take_fd(&fd);
}

int aws_file_read(const char *path, struct buffer *text, struct error *error)
{
	int r = file_read(path, text);

	return r == 0 || r == -ENOENT ? 0 : cannot(path, -r, error);
}

int aws_file_write(const char *path, const struct buffer *text, struct error *error)
{
	mode_t mode = 0600;
	struct stat about;
	int r;

	if (stat(path, &about) == 0)
		mode = about.st_mode & 07777;
	else if (lstat(path, &about) == 0)
		return error_set(error, ERROR_USAGE,
				 "%s is a link to a file that is not there",
				 TEXT_ESCAPED(path));
	if (!(mode & 0222)) /* it could be replaced, but it is like this on purpose */
		return error_set(error, ERROR_FORBIDDEN, "%s is read-only",
				 TEXT_ESCAPED(path));
	r = file_write(path, mode, text->used ? text->bytes : "", text->used);
	return r < 0 ? cannot(path, -r, error) : 0;
}

json_t *aws_file_rivals(const char *name)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(AWS_CONFIG_MAX);
	scoped(freep) char *path = NULL;
	json_t *list = json_array();

	if (address_of_aws_credentials(&path, NULL) == 0 && file_read(path, &text) == 0 &&
	    text.used > 0 && aws_credentials_has(text.bytes, text.used, name))
		json_array_append_new(
		    list, json_sprintf("%s has [%s] and wins over this profile",
				       TEXT_ESCAPED(path), name));
	if (address_has_aws_keys())
		json_array_append_new(
		    list, json_sprintf("AWS_ACCESS_KEY_ID is set and wins over this "
				       "profile, unless --profile %s is given",
				       name));
	return list;
}
