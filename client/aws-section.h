/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_AWS_SECTION_H
#define CLIENT_AWS_SECTION_H

#include <stdbool.h>

#include "base/error.h"
#include "client/lines.h"

/*
 * One section of an AWS config file, found by its name and read the way
 * botocore's parser does: keys without regard to case, '=' or ':' behind
 * them, indented lines belonging to the key above.
 */
struct aws_section {
	size_t header;
	size_t end;     /* behind its last line */
	size_t process; /* where credential_process is; 0 if it is not */
	size_t region;  /* where region is; 0 if it is not */
};

/* The comment that jitctl puts on what it adds. */
#define AWS_MARKER "# added by: jitctl configure"
/* What it puts before a region that it replaces. */
#define AWS_ASIDE "# set aside by: jitctl configure: "

/*
 * Finds [profile NAME], or [default].  Returns 1 with *section, 0 if there is
 * none, or error_set(error, ERROR_USAGE, ...) if there are two, or two of a key.
 */
int aws_section_find(const struct lines *lines, const char *name,
		     struct aws_section *section, struct error *error);

/* Whether the line is a header [NAME], as in the credentials file. */
bool aws_header_is(const char *line, const char *name);

/* The value of a line that sets key, its blanks skipped; NULL if it does not. */
const char *aws_value_of(const char *line, const char *key);

/* Whether its credential_process runs jit-credentials. */
bool aws_section_is_ours(const struct lines *lines, const struct aws_section *section);

/* The key by which the section gets credentials in another way, or NULL. */
const char *aws_section_foreign(const struct lines *lines,
				const struct aws_section *section);

/* Whether the section itself was added: the marker is above its header. */
bool aws_section_is_added(const struct lines *lines, const struct aws_section *section);

/* Whether keys were added to it: the marker is below its header. */
bool aws_section_is_marked(const struct lines *lines, const struct aws_section *section);

/* Whether its region came with the marker. */
bool aws_region_is_added(const struct lines *lines, const struct aws_section *section);

#endif
