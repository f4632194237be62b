/* SPDX-License-Identifier: MIT */
#ifndef POLICY_DOCUMENT_H
#define POLICY_DOCUMENT_H

#include <jansson.h>
#include <stdint.h>

#include "base/buffer.h"
#include "policy/policy.h"
#include "policy/scope.h"

/*
 * Pieces of IAM's policy language.  The order of keys is the order they are
 * put in, so equal scopes give equal bytes.  Functions that return json_t
 * give a new reference, or NULL when memory is short.
 */

/* A text with ${NAME} as ${aws:PrincipalTag/NAME}. */
json_t *document_text(const char *text);

/* Each of the texts so; one alone is a string and not a list. */
json_t *document_texts(const struct words *words);

/* Sets condition[op][key] = value and takes value over.  0 or -ENOMEM. */
int document_condition(json_t *condition, const char *op, const char *key, json_t *value);

/* A list of one element as the element; takes list over. */
json_t *document_one_or_many(json_t *list);

/* {"Version": ..., "Statement": statements}; takes statements over. */
json_t *document_new(json_t *statements);

/*
 * How long json_text() of it is, for a seventh of what that costs: the lint asks
 * for every profile.
 */
size_t document_length(const json_t *json);

/* A statement that denies everything from ends_at on. */
json_t *document_end(int64_t ends_at);

#endif
