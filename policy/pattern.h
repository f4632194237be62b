/* SPDX-License-Identifier: MIT */
#ifndef POLICY_PATTERN_H
#define POLICY_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a parameter's pattern (POSIX extended, anchored on both ends) lets
 * through, without trying values: the lengths and the characters.
 */
#define PATTERN_UNBOUNDED ((size_t)1 << 20)

struct pattern_facts {
	size_t shortest;
	size_t longest; /* PATTERN_UNBOUNDED where nothing limits it */
	bool characters[256];
};

/* Returns 0, or -EINVAL for a pattern that it cannot read. */
int pattern_examine(const char *pattern, struct pattern_facts *facts);

#endif
