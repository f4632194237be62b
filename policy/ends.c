/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "policy/document.h"

static int in_order(const void *a, const void *b)
{
	const struct session_end *left = a, *right = b;

	if (left->ends_at != right->ends_at)
		return left->ends_at < right->ends_at ? -1 : 1;
	return strcmp(left->request, right->request);
}

/* Denies the sessions of those requests from their common end on. */
static json_t *denial(json_t *requests, int64_t ends_at)
{
	json_t *condition = json_object();
	char at[TIME_TEXT_SIZE];
	int r = document_condition(condition, "StringEquals",
				   "aws:PrincipalTag/jit_request",
				   document_one_or_many(requests));

	if (r == 0 && ends_at > 0)
		r = document_condition(condition, "DateGreaterThanEquals",
				       "aws:CurrentTime",
				       json_string(time_format(ends_at, at)));
	if (r < 0) {
		json_decref(condition);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:s, s:o}", "Effect", "Deny", "Action", "*",
			 "Resource", "*", "Condition", condition);
}

static json_t *denials(const struct session_end *ends, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < count;) {
		json_t *requests = json_array();
		int64_t ends_at = ends[i].ends_at;

		for (; i < count && ends[i].ends_at == ends_at; i++)
			if (json_array_append_new(requests,
						  json_string(ends[i].request)) < 0)
				break;
		if (json_array_append_new(list, denial(requests, ends_at)) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

int policy_ends(const struct session_end *ends, size_t count, char **json,
		struct error *error)
{
	scoped(freep) struct session_end *sorted = NULL;
	json_t *list, *document = NULL;

	*json = NULL;
	if (count == 0)
		return 0;
	sorted = reallocarray(NULL, count, sizeof(*sorted));
	if (sorted) {
		memcpy(sorted, ends, count * sizeof(*sorted));
		qsort(sorted, count, sizeof(*sorted), in_order);
		list = denials(sorted, count);
		document = list ? document_new(list) : NULL;
	}
	if (document)
		*json = json_text(document);
	json_decref(document);
	if (!*json)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (strlen(*json) > POLICY_ROLE_MAX) {
		json_text_free(take(*json));
		return error_set(error, ERROR_LIMIT,
				 "%zu live sessions on one role: the Deny for their ends "
				 "is longer than the %d characters that AWS takes",
				 count, POLICY_ROLE_MAX);
	}
	return 0;
}
