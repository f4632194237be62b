/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/store-sqlite.h"

/* From a row of the table to a struct request. */

static int out_of_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

static const char *text_at(sqlite3_stmt *row, int column)
{
	return (const char *)sqlite3_column_text(row, column);
}

/* NULL where there is none; where there was no memory for it *is_short says so. */
static char *copy_at(sqlite3_stmt *row, int column, bool *is_short)
{
	bool is_there = sqlite3_column_type(row, column) != SQLITE_NULL;
	const char *text = is_there ? text_at(row, column) : NULL;
	char *copy = text ? strdup(text) : NULL;

	*is_short = *is_short || (is_there && !copy);
	return copy;
}

static json_t *json_at(sqlite3_stmt *row, int column)
{
	const char *text = text_at(row, column);

	return text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
}

/* The columns in the order of SELECT_REQUEST. */
static int fill(struct request *request, sqlite3_stmt *row)
{
	const char *state = text_at(row, 8);
	bool is_short = false;

	statement_copy_text(row, 0, request->id, sizeof(request->id));
	request->user = copy_at(row, 1, &is_short);
	request->profile = copy_at(row, 2, &is_short);
	request->parameters = json_at(row, 3);
	request->reason = copy_at(row, 4, &is_short);
	request->duration_seconds = sqlite3_column_int64(row, 5);
	statement_copy_text(row, 6, request->key, sizeof(request->key));
	request->access = json_at(row, 7);
	request->requested_at = sqlite3_column_int64(row, 9);
	request->expires_at = sqlite3_column_int64(row, 10);
	request->changed = sqlite3_column_int64(row, 11);
	request->account_id = copy_at(row, 12, &is_short);
	request->role_arn = copy_at(row, 13, &is_short);
	request->region = copy_at(row, 14, &is_short);
	request->approved_by = json_at(row, 15);
	request->approved_at = sqlite3_column_int64(row, 16);
	request->ends_at = sqlite3_column_int64(row, 17);
	request->ended_at = sqlite3_column_int64(row, 18);
	request->end_reason = copy_at(row, 19, &is_short);
	statement_copy_text(row, 20, request->digest, sizeof(request->digest));
	request->proven_at = sqlite3_column_int64(row, 21);
	if (is_short)
		return -ENOMEM;
	if (!state || request_state_from_name(state, &request->state) < 0 ||
	    !json_is_object(request->parameters) || !json_is_array(request->access))
		return -EIO;
	if (request->account_id && (!request->role_arn || !request->region ||
				    !json_is_array(request->approved_by)))
		return -EIO;
	return 0;
}

static int add_decision(struct request *request, sqlite3_stmt *row)
{
	const char *verdict = text_at(row, 1);
	struct decision decision = {
		.user = text_at(row, 0),
		.at_seconds = sqlite3_column_int64(row, 3),
	};

	if (!decision.user || !verdict)
		return -ENOMEM;
	decision.verdict = strcmp(verdict, "approve") == 0 ? VERDICT_APPROVE
							   : VERDICT_DENY;
	return request_add_decision(request, &decision, text_at(row, 2));
}

static int add_decisions(struct transaction *transaction, struct request *request,
			 struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_DECISIONS, error, "t", request->id);
	int r = row ? statement_step(transaction, row, error) : -EIO;

	while (r == 1) {
		if (add_decision(request, row) < 0)
			return out_of_memory(error);
		r = statement_step(transaction, row, error);
	}
	return r;
}

static int read_row(struct transaction *transaction, sqlite3_stmt *row,
		    struct request **request, struct error *error)
{
	scoped(request_freep) struct request *new = calloc(1, sizeof(*new));
	int r;

	r = new ? fill(new, row) : -ENOMEM;
	if (r == -ENOMEM)
		return out_of_memory(error);
	if (r < 0)
		return error_set(error, ERROR_INTERNAL,
				 "request %s is damaged in the store", new->id);
	r = add_decisions(transaction, new, error);
	if (r < 0)
		return r;
	*request = take(new);
	return 0;
}

int statement_read_request(struct transaction *transaction, sqlite3_stmt *row,
			   struct request **request, struct error *error)
{
	int r = row ? statement_step(transaction, row, error) : -EIO;

	if (r <= 0)
		return r;
	r = read_row(transaction, row, request, error);
	return r < 0 ? r : 1;
}

int statement_visit_requests(struct transaction *transaction, sqlite3_stmt *row,
			     request_visitor *each, void *data, struct error *error)
{
	int r = 0;

	if (!row)
		return -EIO;
	while (r == 0) {
		scoped(request_freep) struct request *request = NULL;

		r = statement_read_request(transaction, row, &request, error);
		if (r <= 0)
			return r;
		r = each(data, request);
	}
	return r;
}
