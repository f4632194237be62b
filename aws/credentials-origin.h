/* SPDX-License-Identifier: MIT */
#ifndef AWS_CREDENTIALS_ORIGIN_H
#define AWS_CREDENTIALS_ORIGIN_H

#include <stddef.h>

#include "aws/credentials.h"

/*
 * Where keys come from, one function each.  All fill *credentials, which is
 * zero before, and return 0 or error_set(); what they read is not checked yet.
 */
int credentials_from_environment(struct credentials *credentials, struct error *error);
int credentials_from_file(const char *path, const char *profile,
			  struct credentials *credentials, struct error *error);
int credentials_from_process(const char *command, int64_t deadline_ms,
			     const atomic_bool *stop, struct credentials *credentials,
			     struct error *error);
int credentials_from_role(const struct credentials_role *role,
			  struct credentials *credentials, struct error *error);

/*
 * Copies a text into a member of that size.  Returns 0 or error_set() for one
 * that does not fit or has bytes outside printable ASCII.
 */
int credentials_set(char *member, size_t size, const char *value, struct error *error);

#endif
