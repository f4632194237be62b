/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "broker/store-provisions.h"
#include "broker/store-sqlite.h"

int store_provision_add(struct transaction *transaction, const struct provision_row *row,
			const char *policy, struct error *error)
{
	const struct provision_place *place = &row->place;

	return statement_run(transaction, STATEMENT_PROVISION_ADD, error, "tttttttttiii",
			     row->request, row->role, place->account_id, place->region,
			     place->manager, place->path, row->boundary, policy,
			     provision_step_name(row->state.step), row->state.due_at,
			     (int64_t)row->state.is_ours, (int64_t)row->is_orphan);
}

/* Columns as PROVISION_COLUMNS has them. */
static int read_row(sqlite3_stmt *from, struct provision_row *row, struct error *error)
{
	struct provision_place *place = &row->place;
	char step[16], kind[32];

	*row = (struct provision_row){ .is_orphan = sqlite3_column_int(from, 13) != 0 };
	statement_copy_text(from, 0, row->request, sizeof(row->request));
	statement_copy_text(from, 1, row->role, sizeof(row->role));
	statement_copy_text(from, 2, place->account_id, sizeof(place->account_id));
	statement_copy_text(from, 3, place->region, sizeof(place->region));
	statement_copy_text(from, 4, place->manager, sizeof(place->manager));
	statement_copy_text(from, 5, place->path, sizeof(place->path));
	statement_copy_text(from, 6, row->boundary, sizeof(row->boundary));
	statement_copy_text(from, 7, step, sizeof(step));
	row->state.due_at = sqlite3_column_int64(from, 8);
	row->state.tries = sqlite3_column_int64(from, 9);
	row->state.is_under_way = sqlite3_column_int(from, 10) != 0;
	row->state.is_unsure = sqlite3_column_int(from, 11) != 0;
	row->state.is_ours = sqlite3_column_int(from, 12) != 0;
	statement_copy_text(from, 14, kind, sizeof(kind));
	statement_copy_text(from, 15, row->error.text, sizeof(row->error.text));
	row->error.kind = *kind ? error_kind_from_name(kind) : ERROR_NONE;
	if (provision_step_from_name(step, &row->state.step) < 0)
		return error_set(error, ERROR_INTERNAL,
				 "the role of %s is damaged in the store", row->request);
	return 0;
}

static int find_row(struct transaction *transaction, sqlite3_stmt *from,
		    struct provision_row *row, struct error *error)
{
	int r = from ? statement_step(transaction, from, error) : -EIO;

	if (r == 1 && read_row(from, row, error) < 0)
		return -EIO;
	return r;
}

int store_provision_find(struct transaction *transaction, const char *request,
			 struct provision_row *row, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *from = statement_start(
	    transaction, STATEMENT_PROVISION_FIND, error, "t", request);

	return find_row(transaction, from, row, error);
}

int store_provision_due(struct transaction *transaction, const char *account_id,
			int64_t now_seconds, struct provision_row *row,
			struct error *error)
{
	scoped(statement_done) sqlite3_stmt *from = statement_start(
	    transaction, STATEMENT_PROVISION_DUE, error, "ti", account_id, now_seconds);

	return find_row(transaction, from, row, error);
}

int store_provision_policy(struct transaction *transaction, const char *request,
			   char **policy, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_PROVISION_POLICY, error, "t", request);
	int r = row ? statement_step(transaction, row, error) : -EIO;
	const char *text;

	if (r <= 0)
		return r;
	text = (const char *)sqlite3_column_text(row, 0);
	*policy = strdup(text ? text : "");
	return *policy ? 1 : error_set(error, ERROR_INTERNAL, "out of memory");
}

int store_provision_update(struct transaction *transaction,
			   const struct provision_row *row, struct error *error)
{
	bool has_failed = row->error.kind != ERROR_NONE;

	return statement_run(transaction, STATEMENT_PROVISION_UPDATE, error, "ttiiiiitt",
			     row->request, provision_step_name(row->state.step),
			     row->state.due_at, row->state.tries,
			     (int64_t)row->state.is_under_way,
			     (int64_t)row->state.is_unsure, (int64_t)row->state.is_ours,
			     has_failed ? error_kind_name(row->error.kind) : "",
			     has_failed ? row->error.text : "");
}

int store_provision_remove(struct transaction *transaction, const char *request,
			   struct error *error)
{
	return statement_run(transaction, STATEMENT_PROVISION_REMOVE, error, "t",
			     request);
}

int store_provision_over(struct transaction *transaction, const char *request,
			 int64_t now_seconds, struct error *error)
{
	return statement_run(transaction, STATEMENT_PROVISION_OVER, error, "ti", request,
			     now_seconds);
}

int store_provision_count(struct transaction *transaction, int64_t *count,
			  struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_PROVISION_COUNT, error, "");
	int r = row ? statement_step(transaction, row, error) : -EIO;

	if (r == 1)
		*count = sqlite3_column_int64(row, 0);
	return r < 0 ? r : 0;
}

int store_provision_accounts_due(struct transaction *transaction, int64_t now_seconds,
				 account_visitor *each, void *data, struct error *error)
{
	return statement_accounts_due(transaction, STATEMENT_PROVISION_ACCOUNTS_DUE,
				      now_seconds, each, data, error);
}

int store_provision_path_add(struct transaction *transaction,
			     const struct provision_place *place, int64_t due_at,
			     struct error *error)
{
	return statement_run(transaction, STATEMENT_PROVISION_PATH_ADD, error, "tttti",
			     place->account_id, place->path, place->region,
			     place->manager, due_at);
}

int store_provision_paths_due_at(struct transaction *transaction, int64_t due_at,
				 struct error *error)
{
	return statement_run(transaction, STATEMENT_PROVISION_PATHS_DUE_AT, error, "i",
			     due_at);
}

int store_provision_path_due(struct transaction *transaction, const char *account_id,
			     int64_t now_seconds, struct provision_place *place,
			     int64_t *failures, struct error *error)
{
	scoped(statement_done)
	    sqlite3_stmt *row = statement_start(transaction, STATEMENT_PROVISION_PATH_DUE,
						error, "ti", account_id, now_seconds);
	int r = row ? statement_step(transaction, row, error) : -EIO;

	if (r <= 0)
		return r;
	statement_copy_text(row, 0, place->account_id, sizeof(place->account_id));
	statement_copy_text(row, 1, place->path, sizeof(place->path));
	statement_copy_text(row, 2, place->region, sizeof(place->region));
	statement_copy_text(row, 3, place->manager, sizeof(place->manager));
	*failures = sqlite3_column_int64(row, 4);
	return 1;
}

int store_provision_path_update(struct transaction *transaction,
				const struct provision_place *place, int64_t due_at,
				int64_t failures, struct error *error)
{
	return statement_run(transaction, STATEMENT_PROVISION_PATH_UPDATE, error, "ttii",
			     place->account_id, place->path, due_at, failures);
}
