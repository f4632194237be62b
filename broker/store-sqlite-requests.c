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
		return error_set(error, ERROR_INTERNAL, "too many changes at once");
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
		    transaction, STATEMENT_REQUEST_ADD, error, "tttttitttiiittttiiitt",
		    request->id, request->user, request->profile, parameters,
		    request->reason, request->duration_seconds, request->key, access,
		    request_state_name(request->state), request->requested_at,
		    request->expires_at, request->changed, request->account_id,
		    request->role_arn, request->region, approved_by, request->approved_at,
		    request->ends_at, request->ended_at, request->end_reason,
		    request->digest);
	return r < 0 ? r : note_change(transaction, request, error);
}

/* ended_at and its reason come once, and last. */
static int write_end(struct transaction *transaction, const struct request *request,
		     struct error *error)
{
	if (request->ended_at == 0)
		return 0;
	return statement_run(transaction, STATEMENT_REQUEST_END, error, "tit",
			     request->id, request->ended_at, request->end_reason);
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
				  "ttittttii", request->id,
				  request_state_name(request->state), request->changed,
				  request->account_id, request->role_arn, request->region,
				  approved_by, request->approved_at, request->ends_at);
	if (r == 0 && sqlite3_changes(transaction->database) != 1)
		r = error_set(error, ERROR_INTERNAL, "request %s is not in the store",
			      request->id);
	if (r == 0)
		r = write_end(transaction, request, error);
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

int store_request(struct transaction *transaction, const char *id,
		  struct request **request, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_REQUEST, error, "t", id);

	return statement_read_request(transaction, row, request, error);
}

int store_request_by_key(struct transaction *transaction, const char *user,
			 const char *key, struct request **request, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_REQUEST_BY_KEY, error, "tt", user, key);

	return statement_read_request(transaction, row, request, error);
}

int store_requests_pending(struct transaction *transaction, int64_t now_seconds,
			   request_visitor *each, void *data, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_PENDING, error, "i", now_seconds);

	return statement_visit_requests(transaction, row, each, data, error);
}

int store_requests_since(struct transaction *transaction, const char *user, int64_t since,
			 request_visitor *each, void *data, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_SINCE, error, "ti", user, since);

	return statement_visit_requests(transaction, row, each, data, error);
}

int store_requests_current(struct transaction *transaction, const char *user,
			   int64_t ended_after, request_visitor *each, void *data,
			   struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_CURRENT, error, "ti", user, ended_after);

	return statement_visit_requests(transaction, row, each, data, error);
}

int store_requests_overdue(struct transaction *transaction, int64_t now_seconds,
			   request_visitor *each, void *data, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_OVERDUE, error, "i", now_seconds);

	return statement_visit_requests(transaction, row, each, data, error);
}

int store_ends_orphans(struct transaction *transaction, int64_t over_after,
		       request_visitor *each, void *data, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_ENDS_ORPHANS, error, "i", over_after);

	return statement_visit_requests(transaction, row, each, data, error);
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
