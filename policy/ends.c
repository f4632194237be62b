/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "policy/document.h"

/* Dates are put off to the next whole one of these: the first that fits. */
static const int64_t steps[] = { 1, 60, 300, 900, 3600, 10800, 43200 };
#define STEPS (sizeof(steps) / sizeof(steps[0]))

static int64_t round_up(int64_t ends_at, int64_t step)
{
	return (ends_at + step - 1) / step * step;
}

/* What is over needs no date; nobody else is denied before the end. */
static void set_dates(struct session_end *ends, size_t count, int64_t now, int64_t step)
{
	for (size_t i = 0; i < count; i++)
		ends[i].denied_from = ends[i].ends_at <= now
					  ? 0
					  : round_up(ends[i].ends_at, step);
}

static int in_order(const void *a, const void *b)
{
	const struct session_end *left = *(struct session_end *const *)a;
	const struct session_end *right = *(struct session_end *const *)b;

	if (left->denied_from != right->denied_from)
		return left->denied_from < right->denied_from ? -1 : 1;
	return strcmp(left->request, right->request);
}

/* Denies the sessions of those requests from their common date on. */
static json_t *denial(json_t *requests, int64_t denied_from)
{
	json_t *condition = json_object();
	char at[TIME_TEXT_SIZE];
	int r = document_condition(condition, "StringEquals",
				   "aws:PrincipalTag/jit_request",
				   document_one_or_many(requests));

	if (r == 0 && denied_from > 0)
		r = document_condition(condition, "DateGreaterThanEquals",
				       "aws:CurrentTime",
				       json_string(time_format(denied_from, at)));
	if (r < 0) {
		json_decref(condition);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:s, s:o}", "Effect", "Deny", "Action", "*",
			 "Resource", "*", "Condition", condition);
}

static json_t *denials(struct session_end *const *ends, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < count;) {
		json_t *requests = json_array();
		int64_t from = ends[i]->denied_from;
		int r = 0;

		for (; r == 0 && i < count && ends[i]->denied_from == from; i++)
			r = json_array_append_new(requests,
						  json_string(ends[i]->request));
		if (json_array_append_new(list, denial(requests, from)) < 0 || r < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* The document with the dates that are set; sorted is in any order.  NULL: no memory. */
static char *write_document(struct session_end **sorted, size_t count)
{
	json_t *list, *document;
	char *text;

	qsort(sorted, count, sizeof(struct session_end *), in_order);
	list = denials(sorted, count);
	document = list ? document_new(list) : NULL;
	text = document ? json_text(document) : NULL;
	json_decref(document);
	return text;
}

static int too_many(size_t count, size_t room, struct error *error)
{
	return error_set(
	    error, ERROR_LIMIT,
	    "%zu sessions on one role: the Deny that ends them is longer than "
	    "the %zu characters that AWS leaves for it; wait until some are "
	    "over, spread the profile over several roles or have one made for "
	    "each session with 'provision:'",
	    count, room);
}

int policy_ends(struct session_end *ends, size_t count, int64_t now, size_t room,
		char **json, struct error *error)
{
	scoped(freep) struct session_end **sorted = NULL;

	*json = NULL;
	if (count == 0)
		return 0;
	sorted = (struct session_end **)reallocarray(NULL, count,
						     sizeof(struct session_end *));
	for (size_t i = 0; sorted && i < count; i++)
		sorted[i] = &ends[i];
	for (size_t i = 0; i < STEPS; i++) {
		scoped(json_text_freep) char *text = NULL;

		set_dates(ends, count, now, steps[i]);
		text = sorted ? write_document(sorted, count) : NULL;
		if (!text)
			return error_set(error, ERROR_INTERNAL, "out of memory");
		if (strlen(text) > room)
			continue;
		*json = take(text);
		return 0;
	}
	return too_many(count, room, error);
}
