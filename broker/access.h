/* SPDX-License-Identifier: MIT */
#ifndef BROKER_ACCESS_H
#define BROKER_ACCESS_H

#include <libfyaml.h>

#include "broker/profiles.h"

struct scope;

/*
 * Reads the `access:` list of a profile (a YAML sequence) into a scope that
 * policy/ compiles.  Whatever is unknown, missing or contradictory becomes a
 * finding with its line; parameters is what ${...} may name.  Returns 0 with
 * *scope the caller's (scope_free()), or -EINVAL when an error was found.
 */
int access_parse(struct fy_node *access, const struct profile *profile,
		 struct scope **scope, struct findings *findings);

#endif
