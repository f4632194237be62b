/* SPDX-License-Identifier: MIT */
#include "client/aws-file.h"

#include <errno.h>
#include <libgen.h>
#include <string.h>
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

int aws_file_read(const char *path, struct buffer *text, struct error *error)
{
	int r = file_read(path, text);

	return r == 0 || r == -ENOENT ? 0 : cannot(path, -r, error);
}

int aws_file_write(const char *path, const struct buffer *text, struct error *error)
{
	scoped(freep) char *copy = strdup(path);
	mode_t mode = 0600;
	struct stat about;
	int r = 0;

	if (!copy)
		return cannot(path, ENOMEM, error);
	if (stat(path, &about) == 0)
		mode = about.st_mode & 07777;
	else if (lstat(path, &about) == 0)
		return error_set(error, ERROR_USAGE,
				 "%s is a link to a file that is not there",
				 TEXT_ESCAPED(path));
	if (!(mode & 0222)) /* it could be replaced, but it is like this on purpose */
		return error_set(error, ERROR_FORBIDDEN, "%s is read-only",
				 TEXT_ESCAPED(path));
	if (access(dirname(copy), F_OK) < 0)
		r = directory_make(copy, 0700);
	if (r == 0)
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
