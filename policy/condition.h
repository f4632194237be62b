/* SPDX-License-Identifier: MIT */
#ifndef POLICY_CONDITION_H
#define POLICY_CONDITION_H

#include <jansson.h>
#include <stdbool.h>

#include "policy/context.h"

/*
 * Whether the Condition of a hand-written statement holds for a request.  All
 * operators and all their keys must hold; of the values of a key one must fit,
 * and with a negated operator none.  IAM User Guide, "IAM JSON policy elements:
 * Condition operators", "Conditions with multiple context keys or values" and "Set
 * operators for multivalued context keys".
 *
 * A key that is absent: false; true with IfExists, with a negated operator and
 * with ForAllValues; ForAnyValue is false for all but IfExists.  A key of several
 * values without a set operator: false.
 */
struct condition_note {
	const char *op, *key; /* of the first that does not hold; NULL: all hold */
	bool is_list;         /* it has several values and no set operator */

	/* A key or a variable that is absent and decided; length 0: none did. */
	struct context_variable absent;
};

/* condition may be NULL.  The note borrows from it. */
bool conditions_hold(const json_t *condition, const struct asked *asked,
		     struct condition_note *note);

/* The text of a policy's scalar: true and 5 are "true" and "5".  NULL: no scalar. */
const char *condition_text(const json_t *value, char number[static 24]);

#endif
