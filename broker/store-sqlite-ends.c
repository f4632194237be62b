/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "broker/store-ends.h"
#include "broker/store-sqlite.h"

int store_ends_want(struct transaction *transaction, const struct ends_role *role,
		    const char *request, int64_t ends_at, int64_t granted_until,
		    int64_t now_seconds, struct error *error)
{
	int r = statement_run(transaction, STATEMENT_ENDS_ROLE_ADD, error, "ttttii",
			      role->arn, role->account_id, role->region, role->manager,
			      ENDS_NEVER, now_seconds);

	if (r == 0)
		r = statement_run(transaction, STATEMENT_ENDS_ADD, error, "ttii",
				  role->arn, request, ends_at, granted_until);
	if (r == 0)
		r = statement_run(transaction, STATEMENT_ENDS_HASTEN, error, "ti",
				  request, now_seconds);
	return r;
}

int store_ends_adopt(struct transaction *transaction, const struct ends_role *role,
		     const char *request, int64_t ends_at, int64_t granted_until,
		     int64_t now_seconds, struct error *error)
{
	int r = store_ends_want(transaction, role, request, ends_at, granted_until,
				now_seconds, error);

	return r < 0 ? r : store_ends_denied(transaction, request, ENDS_ADOPTED, error);
}

int store_ends_regrant(struct transaction *transaction, int64_t now_seconds,
		       int64_t lifetime_seconds, struct error *error)
{
	int r = statement_run(transaction, STATEMENT_ENDS_GRANTED_ALL, error, "ii",
			      now_seconds, lifetime_seconds);

	if (r == 0)
		r = statement_run(transaction, STATEMENT_ENDS_ADOPT_ALL, error, "ii",
				  (int64_t)ENDS_ADOPTED, (int64_t)ENDS_NOT_WRITTEN);
	return r < 0 ? r
		     : statement_run(transaction, STATEMENT_ENDS_HASTEN_ALL, error, "i",
				     now_seconds);
}

int store_ends_over(struct transaction *transaction, const char *request,
		    int64_t now_seconds, struct error *error)
{
	int r = statement_run(transaction, STATEMENT_ENDS_OVER, error, "ti", request,
			      now_seconds);

	return r < 0 ? r
		     : statement_run(transaction, STATEMENT_ENDS_ROLE_OVER, error, "ti",
				     request, now_seconds);
}

static void read_role(sqlite3_stmt *row, int from, struct ends_role *role)
{
	const void *hash;
	char kind[32];

	*role = (struct ends_role){ .due_at = sqlite3_column_int64(row, from + 4) };
	statement_copy_text(row, from, role->arn, sizeof(role->arn));
	statement_copy_text(row, from + 1, role->account_id, sizeof(role->account_id));
	statement_copy_text(row, from + 2, role->region, sizeof(role->region));
	statement_copy_text(row, from + 3, role->manager, sizeof(role->manager));
	role->turn = sqlite3_column_int64(row, from + 5);
	role->is_unknown = sqlite3_column_int(row, from + 6) != 0;
	hash = sqlite3_column_blob(row, from + 7);
	role->has_document = hash &&
			     sqlite3_column_bytes(row, from + 7) == ENDS_HASH_SIZE;
	if (role->has_document)
		memcpy(role->document_hash, hash, ENDS_HASH_SIZE);
	role->check_at = sqlite3_column_int64(row, from + 8);
	role->longest_seconds = sqlite3_column_int64(row, from + 9);
	role->room = sqlite3_column_int64(row, from + 10);
	role->looked_at = sqlite3_column_int64(row, from + 11);
	role->failures = sqlite3_column_int64(row, from + 12);
	statement_copy_text(row, from + 13, kind, sizeof(kind));
	statement_copy_text(row, from + 14, role->error.text, sizeof(role->error.text));
	role->error.kind = *kind ? error_kind_from_name(kind) : ERROR_NONE;
}

static void read_end(sqlite3_stmt *row, struct end *end)
{
	statement_copy_text(row, 0, end->request, sizeof(end->request));
	end->ends_at = sqlite3_column_int64(row, 1);
	end->granted_until = sqlite3_column_int64(row, 2);
	end->denied_from = sqlite3_column_int64(row, 3);
}

int store_ends_find(struct transaction *transaction, const char *request, struct end *end,
		    struct ends_role *role, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_ENDS_FIND, error, "t", request);
	int r = row ? statement_step(transaction, row, error) : -EIO;

	if (r <= 0)
		return r;
	read_end(row, end);
	if (role)
		read_role(row, 4, role);
	return 1;
}

static int find_role(struct transaction *transaction, sqlite3_stmt *row,
		     struct ends_role *role, struct error *error)
{
	int r = row ? statement_step(transaction, row, error) : -EIO;

	if (r == 1)
		read_role(row, 0, role);
	return r;
}

int store_ends_role_due(struct transaction *transaction, const char *account_id,
			int64_t now_seconds, struct ends_role *role, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_ENDS_ROLE_DUE, error, "ti", account_id, now_seconds);

	return find_role(transaction, row, role, error);
}

int store_ends_role(struct transaction *transaction, const char *arn,
		    struct ends_role *role, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_ENDS_ROLE, error, "t", arn);

	return find_role(transaction, row, role, error);
}

int store_ends_accounts_due(struct transaction *transaction, int64_t now_seconds,
			    account_visitor *each, void *data, struct error *error)
{
	return statement_accounts_due(transaction, STATEMENT_ENDS_ACCOUNTS_DUE,
				      now_seconds, each, data, error);
}

int store_ends_role_update(struct transaction *transaction, const struct ends_role *role,
			   struct error *error)
{
	bool has_failed = role->error.kind != ERROR_NONE;

	return statement_run(
	    transaction, STATEMENT_ENDS_ROLE_UPDATE, error, "tttiiibiiiiitt", role->arn,
	    role->region, role->manager, role->due_at, role->turn,
	    (int64_t)role->is_unknown, role->has_document ? role->document_hash : NULL,
	    role->has_document ? ENDS_HASH_SIZE : 0, role->check_at,
	    role->longest_seconds, role->room, role->looked_at, role->failures,
	    has_failed ? error_kind_name(role->error.kind) : "",
	    has_failed ? role->error.text : "");
}

int store_ends_role_remove(struct transaction *transaction, const char *arn,
			   struct error *error)
{
	return statement_run(transaction, STATEMENT_ENDS_ROLE_REMOVE, error, "t", arn);
}

int store_ends_count(struct transaction *transaction, const char *arn, int64_t *count,
		     struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_ENDS_COUNT, error, "t", arn);
	int r = row ? statement_step(transaction, row, error) : -EIO;

	if (r < 0)
		return r;
	*count = sqlite3_column_int64(row, 0);
	return 0;
}

int store_ends_of_role(struct transaction *transaction, const char *arn,
		       end_visitor *each, void *data, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_ENDS_OF_ROLE, error, "t", arn);
	int r = row ? statement_step(transaction, row, error) : -EIO;

	while (r == 1) {
		struct end end;

		read_end(row, &end);
		r = each(data, &end);
		if (r != 0)
			return r;
		r = statement_step(transaction, row, error);
	}
	return r;
}

int store_ends_denied(struct transaction *transaction, const char *request,
		      int64_t denied_from, struct error *error)
{
	return statement_run(transaction, STATEMENT_ENDS_DENIED, error, "ti", request,
			     denied_from);
}

int store_ends_forget(struct transaction *transaction, const struct end *end,
		      struct error *error)
{
	return statement_run(transaction, STATEMENT_ENDS_FORGET, error, "tii",
			     end->request, end->denied_from, end->granted_until);
}

int store_ends_granted(struct transaction *transaction, const char *request,
		       int64_t granted_until, struct error *error)
{
	return statement_run(transaction, STATEMENT_ENDS_GRANTED, error, "ti", request,
			     granted_until);
}

int store_ends_mark(struct transaction *transaction, int64_t now_seconds,
		    struct error *error)
{
	int r = statement_run(transaction, STATEMENT_ENDS_UNMARK, error, "");

	return r < 0 || now_seconds == 0 ? r
					 : statement_run(transaction, STATEMENT_ENDS_MARK,
							 error, "i", now_seconds);
}

int store_ends_marked(struct transaction *transaction, int64_t *since,
		      struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_ENDS_MARKED, error, "");
	int r = row ? statement_step(transaction, row, error) : -EIO;

	if (r == 1)
		*since = sqlite3_column_int64(row, 0);
	return r;
}
