/* SPDX-License-Identifier: MIT */
#ifndef POLICY_CONDITION_OPERATORS_H
#define POLICY_CONDITION_OPERATORS_H

#include <stdbool.h>

#include "policy/context.h"

/*
 * The condition operators: how each compares one value of a policy with one of a
 * request.  IAM User Guide, "IAM JSON policy elements: Condition operators".
 */

/* One value of a policy against one value of the request. */
struct condition_trial {
	const struct asked *asked;
	const char *wanted; /* as the policy has it */
	const char *value;
	unsigned int relations;
	struct context_variable *absent; /* a variable of wanted */
};

/* What a value in a policy has to be. */
struct condition_values {
	const char *what; /* "a number" */
	bool (*is_one)(const char *text);
};

struct condition_operator {
	const char *name;
	/* NULL: Null, which looks at no value. */
	bool (*fits)(const struct condition_trial *trial);
	unsigned int relations; /* of numbers and times */
	bool is_negated;
	const struct condition_values *values; /* NULL: texts, with variables in them */
};

enum quantifier {
	QUANTIFIER_NONE,
	QUANTIFIER_ALL,
	QUANTIFIER_ANY,
};

/* "ForAllValues:StringLikeIfExists", taken apart. */
struct condition_reading {
	const struct condition_operator *rule; /* NULL: there is none of that name */
	enum quantifier quantifier;
	bool if_exists;
};

/* With its quantifier and IfExists (not of Null). */
struct condition_reading condition_read(const char *name);

/*
 * What a value in a policy has to be for that operator, as "a number", where it is
 * none and so never fits; else NULL.  Only the operators of texts and ARNs know
 * variables.
 */
const char *condition_misfit(const char *name, const char *value);

#endif
