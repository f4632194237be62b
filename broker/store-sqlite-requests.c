/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/store-ends.h"
#include "broker/store-sqlite.h"

static int out_of_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

static int next_changed(struct transaction *transaction, const char *user,
			int64_t *changed, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_REQUEST_NEXT, error, "t", user);
	int r = row ? statement_step(transaction, row, error) : -EIO;

	if (r < 0)
		return r;
	*changed = sqlite3_column_int64(row, 0);
	return 0;
}

/* The listener hears of it after the commit. */
static int note_change(struct transaction *transaction, const struct request *request,
		       struct error *error)
{
	struct change_note *note;

	if (transaction->change_count == CHANGES_MAX)
		return error_set(error, ERROR_LIMIT, "too many changes at once");
	note = &transaction->changes[transaction->change_count++];
	note->changed = request->changed;
	snprintf(note->user, sizeof(note->user), "%s", request->user);
	return 0;
}

int store_request_add(struct transaction *transaction, struct request *request,
		      struct error *error)
{
	scoped(json_text_freep) char *parameters = json_text_sorted(request->parameters);
	scoped(json_text_freep) char *access = json_text(request->access);
	scoped(json_text_freep) char *approved_by = request->approved_by
							? json_text(request->approved_by)
							: NULL;
	int r;

	if (!parameters || !access || (request->approved_by && !approved_by))
		return out_of_memory(error);
	r = next_changed(transaction, request->user, &request->changed, error);
	if (r == 0)
		r = statement_run(
		    transaction, STATEMENT_REQUEST_ADD, error, "tttttitttiiittttiiit",
		    request->id, request->user, request->profile, parameters,
		    request->reason, request->duration_seconds, request->key, access,
		    request_state_name(request->state), request->requested_at,
		    request->expires_at, request->changed, request->account_id,
		    request->role_arn, request->region, approved_by, request->approved_at,
		    request->ends_at, request->ended_at, request->end_reason);
	return r < 0 ? r : note_change(transaction, request, error);
}

int store_request_update(struct transaction *transaction, struct request *request,
			 struct error *error)
{
	scoped(json_text_freep) char *approved_by = request->approved_by
							? json_text(request->approved_by)
							: NULL;
	int r;

	if (request->approved_by && !approved_by)
		return out_of_memory(error);
	r = next_changed(transaction, request->user, &request->changed, error);
	if (r == 0)
		r = statement_run(transaction, STATEMENT_REQUEST_UPDATE, error,
				  "ttittttiiit", request->id,
				  request_state_name(request->state), request->changed,
				  request->account_id, request->role_arn, request->region,
				  approved_by, request->approved_at, request->ends_at,
				  request->ended_at, request->end_reason);
	return r < 0 ? r : note_change(transaction, request, error);
}

int store_decision_add(struct transaction *transaction, const char *id,
		       const struct decision *decision, const char *reason,
		       struct error *error)
{
	const char *verdict = decision->verdict == VERDICT_APPROVE ? "approve" : "deny";

	return statement_run(transaction, STATEMENT_DECISION_ADD, error, "tttti", id,
			     decision->user, verdict, reason, decision->at_seconds);
}

static const char *text_at(sqlite3_stmt *row, int column)
{
	return (const char *)sqlite3_column_text(row, column);
}

static char *copy_at(sqlite3_stmt *row, int column)
{
	const char *text = text_at(row, column);

	return text ? strdup(text) : NULL;
}

static json_t *json_at(sqlite3_stmt *row, int column)
{
	const char *text = text_at(row, column);

	return text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
}

static void copy_fixed(char *out, size_t size, sqlite3_stmt *row, int column)
{
	const char *text = text_at(row, column);

	snprintf(out, size, "%s", text ? text : "");
}

/* The columns in the order of SELECT_REQUEST. */
static int fill(struct request *request, sqlite3_stmt *row)
{
	const char *state = text_at(row, 8);

	copy_fixed(request->id, sizeof(request->id), row, 0);
	request->user = copy_at(row, 1);
	request->profile = copy_at(row, 2);
	request->parameters = json_at(row, 3);
	request->reason = copy_at(row, 4);
	request->duration_seconds = sqlite3_column_int64(row, 5);
	copy_fixed(request->key, sizeof(request->key), row, 6);
	request->access = json_at(row, 7);
	request->requested_at = sqlite3_column_int64(row, 9);
	request->expires_at = sqlite3_column_int64(row, 10);
	request->changed = sqlite3_column_int64(row, 11);
	request->account_id = copy_at(row, 12);
	request->role_arn = copy_at(row, 13);
	request->region = copy_at(row, 14);
	request->approved_by = json_at(row, 15);
	request->approved_at = sqlite3_column_int64(row, 16);
	request->ends_at = sqlite3_column_int64(row, 17);
	request->ended_at = sqlite3_column_int64(row, 18);
	request->end_reason = copy_at(row, 19);
	request->proven_at = sqlite3_column_int64(row, 20);
	if (!state || request_state_from_name(state, &request->state) < 0 ||
	    !request->user || !request->profile || !request->reason)
		return -EIO;
	if (!json_is_object(request->parameters) || !json_is_array(request->access))
		return -EIO;
	if (request->account_id && (!request->role_arn || !request->region ||
				    !json_is_array(request->approved_by)))
		return -EIO;
	return 0;
}

static int add_decisions(struct transaction *transaction, struct request *request,
			 struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_DECISIONS, error, "t", request->id);
	int r = row ? statement_step(transaction, row, error) : -EIO;

	while (r == 1) {
		struct decision decision = {
			.user = text_at(row, 0),
			.verdict = strcmp(text_at(row, 1), "approve") == 0
				       ? VERDICT_APPROVE
				       : VERDICT_DENY,
			.at_seconds = sqlite3_column_int64(row, 3),
		};

		if (request_add_decision(request, &decision, text_at(row, 2)) < 0)
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

	if (!new)
		return out_of_memory(error);
	if (fill(new, row) < 0)
		return error_set(error, ERROR_INTERNAL,
				 "request %s is damaged in the store", new->id);
	r = add_decisions(transaction, new, error);
	if (r < 0)
		return r;
	*request = take(new);
	return 0;
}

static int read_one(struct transaction *transaction, sqlite3_stmt *row,
		    struct request **request, struct error *error)
{
	int r = row ? statement_step(transaction, row, error) : -EIO;

	if (r <= 0)
		return r;
	r = read_row(transaction, row, request, error);
	return r < 0 ? r : 1;
}

int store_request(struct transaction *transaction, const char *id,
		  struct request **request, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_REQUEST, error, "t", id);

	return read_one(transaction, row, request, error);
}

int store_request_by_key(struct transaction *transaction, const char *user,
			 const char *key, struct request **request, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_REQUEST_BY_KEY, error, "tt", user, key);

	return read_one(transaction, row, request, error);
}

static int visit(struct transaction *transaction, sqlite3_stmt *row,
		 request_visitor *each, void *data, struct error *error)
{
	int r = 0;

	if (!row)
		return -EIO;
	while (r == 0) {
		scoped(request_freep) struct request *request = NULL;

		r = read_one(transaction, row, &request, error);
		if (r <= 0)
			return r;
		r = each(data, request);
	}
	return r;
}

int store_requests_pending(struct transaction *transaction, int64_t now_seconds,
			   request_visitor *each, void *data, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_PENDING, error, "i", now_seconds);

	return visit(transaction, row, each, data, error);
}

int store_requests_since(struct transaction *transaction, const char *user, int64_t since,
			 request_visitor *each, void *data, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_SINCE, error, "ti", user, since);

	return visit(transaction, row, each, data, error);
}

int store_requests_current(struct transaction *transaction, const char *user,
			   int64_t ended_after, request_visitor *each, void *data,
			   struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_CURRENT, error, "ti", user, ended_after);

	return visit(transaction, row, each, data, error);
}

int store_requests_overdue(struct transaction *transaction, int64_t now_seconds,
			   request_visitor *each, void *data, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_OVERDUE, error, "i", now_seconds);

	return visit(transaction, row, each, data, error);
}

int store_ends_orphans(struct transaction *transaction, int64_t over_after,
		       request_visitor *each, void *data, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_ENDS_ORPHANS, error, "i", over_after);

	return visit(transaction, row, each, data, error);
}

static int read_number(struct transaction *transaction, sqlite3_stmt *row,
		       int64_t *number, struct error *error)
{
	int r = row ? statement_step(transaction, row, error) : -EIO;

	if (r < 0)
		return r;
	*number = sqlite3_column_int64(row, 0);
	return 0;
}

int store_pending_count(struct transaction *transaction, const char *user,
			int64_t now_seconds, int64_t *count, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_PENDING_COUNT, error, "ti", user, now_seconds);

	return read_number(transaction, row, count, error);
}

int store_changed_last(struct transaction *transaction, const char *user,
		       int64_t *changed, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_CHANGED_LAST, error, "t", user);

	return read_number(transaction, row, changed, error);
}
