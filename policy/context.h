/* SPDX-License-Identifier: MIT */
#ifndef POLICY_CONTEXT_H
#define POLICY_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "policy/meaning.h"

/*
 * The request context: the condition keys that AWS fills in for a request, as
 * far as asked says them.  What it does not say is absent.  IAM User Guide,
 * "AWS global condition context keys"; for DynamoDB's own keys the service
 * authorization reference says which action carries which.
 */
#define CONTEXT_VALUES_MAX 128 /* of one key */
#define CONTEXT_TEXT_MAX 65536 /* a text with the values of its variables */

struct context_values {
	const char *list[CONTEXT_VALUES_MAX]; /* borrowed from asked or from text */
	size_t count;
	bool is_list; /* of a key with several values, however many there are */
	char text[TIME_TEXT_SIZE];
};

/*
 * False of a key of DynamoDB's that AWS does not fill in for the action, whoever
 * gives it.
 */
bool context_is_carried(const struct asked *asked, const char *key);

/* Fills in the values of a key, whatever its case.  False, and none: it is absent. */
bool context_find(const struct asked *asked, const char *key,
		  struct context_values *values);

/* Whether AWS gives the key several values: it needs ForAllValues or ForAnyValue. */
bool context_key_is_list(const char *key);

/* A key that a text names; borrowed from the text. */
struct context_variable {
	const char *key;
	int length; /* 0: none */
};

/*
 * Puts values in the place of ${key} and ${key, 'default'}, and a character in
 * that of ${*}, ${?}, ${$}; with wildcards '*' and '?' become ANY_RUN and
 * ANY_ONE, as text_matches() wants them.  Returns 1, or 0 where a variable has no
 * value: nothing is equal to or like it (IAM User Guide, "Policy variables with
 * no value"); *absent then is its key, in text.  -ENOMEM, -EMSGSIZE.
 */
int context_bind(const struct asked *asked, const char *text, size_t length,
		 bool has_wildcards, struct buffer *out, struct context_variable *absent);

/*
 * Whether an ARN is like a policy's, each of the six parts for itself; arn "*", of
 * an action on the account, is like none.  A policy's with fewer parts is like
 * none either.
 */
bool context_arn_matches(const struct asked *asked, const char *pattern, const char *arn,
			 struct context_variable *absent);

#endif
