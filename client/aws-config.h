/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_AWS_CONFIG_H
#define CLIENT_AWS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * Edits the text of ~/.aws/config.  Whatever is not ours stays byte for byte:
 * order, comments, line ends, a missing last newline.  What is added is
 * marked by a comment, so that taking it out gives the bytes from before.
 * Pure: the caller reads and writes the file.
 */
#define AWS_CONFIG_MAX ((size_t)1024 * 1024)

struct aws_profile {
	const char *name;     /* "orders-support"; "default" is [default] */
	const char *process;  /* value of credential_process */
	const char *region;   /* NULL: leave it as it is */
	bool region_is_asked; /* set it even where the section has another */
};

/*
 * Writes text with the profile in it to out.  A section of that name that
 * gets credentials in another way is refused (ERROR_FORBIDDEN).  Returns 0,
 * or -errno with error filled and out untouched.
 */
int aws_config_add(const char *text, size_t length, const struct aws_profile *profile,
		   struct buffer *out, struct error *error);

/* Writes text without what was added to out.  ERROR_NOT_FOUND if that is nothing. */
int aws_config_remove(const char *text, size_t length, const char *name,
		      struct buffer *out, struct error *error);

/* Whether text, of a credentials file, has a section [name]. */
bool aws_credentials_has(const char *text, size_t length, const char *name);

/*
 * Writes the value of credential_process: the helper's path, in quotes where
 * it needs them, and the profile.  Returns 0, or error_set() for a path that
 * no quoting saves from sh -c.
 */
int aws_process_value(const char *helper, const char *profile, struct buffer *out,
		      struct error *error);

#endif
