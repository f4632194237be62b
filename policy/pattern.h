/* SPDX-License-Identifier: MIT */
#ifndef POLICY_PATTERN_H
#define POLICY_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Patterns of parameters: POSIX extended regular expressions in plain ASCII,
 * anchored on both ends, of which we can say beforehand how long a value may
 * become and of which characters.  No back-references, no GNU escapes.
 */
#define PATTERN_MATCH_MAX 256 /* characters in the value of an STS session tag */

struct pattern_facts {
	unsigned int shortest, longest; /* matches, in characters */
	bool characters[256];           /* those that a match may hold: ASCII */
};

/*
 * Returns 0, or error_set() saying why the pattern in text is not to be used:
 * not well-formed, without an end, of control characters, too complex.
 */
int pattern_inspect(const char *text, struct pattern_facts *facts, struct error *error);

#endif
