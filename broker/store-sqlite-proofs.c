/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/cleanup.h"
#include "broker/store-proofs.h"
#include "broker/store-sqlite.h"

int store_proof_mark(struct transaction *transaction, bool proves, int64_t now_seconds,
		     struct error *error)
{
	int r;

	if (proves)
		return statement_run(transaction, STATEMENT_PROOFS_MARK, error, "i",
				     now_seconds);
	r = statement_run(transaction, STATEMENT_PROOFS_UNMARK, error, "");
	return r < 0 ? r
		     : statement_run(transaction, STATEMENT_PROOFS_FORGET, error, "i",
				     (int64_t)REQUEST_PROOF_AWAITED);
}

int store_proof_want(struct transaction *transaction, const char *request,
		     int64_t ended_at, int64_t give_up_at, struct error *error)
{
	int r = statement_run(transaction, STATEMENT_PROOF_WANT, error, "tiii", request,
			      ended_at, give_up_at, (int64_t)REQUEST_PROOF_AWAITED);

	return r < 0 ? r : sqlite3_changes(transaction->database) > 0;
}

int store_proof_hasten(struct transaction *transaction, const char *request,
		       int64_t due_at, struct error *error)
{
	return statement_run(transaction, STATEMENT_PROOF_HASTEN, error, "tii", request,
			     due_at, (int64_t)REQUEST_PROOF_AWAITED);
}

int store_proof_due(struct transaction *transaction, const char *account_id,
		    int64_t now_seconds, struct proof_row *row, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *from = statement_start(
	    transaction, STATEMENT_PROOF_DUE, error, "ti", account_id, now_seconds);
	int r = from ? statement_step(transaction, from, error) : -EIO;

	if (r <= 0)
		return r;
	statement_copy_text(from, 0, row->request, sizeof(row->request));
	row->ended_at = sqlite3_column_int64(from, 1);
	row->due_at = sqlite3_column_int64(from, 2);
	row->tries = sqlite3_column_int64(from, 3);
	row->proven_at = sqlite3_column_int64(from, 4);
	return 1;
}

int store_proof_update(struct transaction *transaction, const struct proof_row *row,
		       struct error *error)
{
	return statement_run(transaction, STATEMENT_PROOF_UPDATE, error, "tiii",
			     row->request, row->due_at, row->tries, row->proven_at);
}

int store_proof_accounts_due(struct transaction *transaction, int64_t now_seconds,
			     account_visitor *each, void *data, struct error *error)
{
	return statement_accounts_due(transaction, STATEMENT_PROOF_ACCOUNTS_DUE,
				      now_seconds, each, data, error);
}
