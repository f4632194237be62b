/* SPDX-License-Identifier: MIT */
#include "broker/nonces.h"
#include "broker/store-sqlite.h"

int store_nonce_use(struct transaction *transaction, const char *keyid, const char *nonce,
		    int64_t forget_at, struct error *error)
{
	unsigned char digest[NONCE_DIGEST_SIZE];
	int r;

	/* A third of the size of both: a page of the table takes a hundred and fifty. */
	nonce_digest(NULL, keyid, nonce, digest);
	r = statement_run(transaction, STATEMENT_NONCE_ADD, error, "bi", digest,
			  NONCE_DIGEST_SIZE, forget_at);
	return r < 0 ? r : sqlite3_changes(transaction->database);
}

static void digest_for_sql(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *keyid = (const char *)sqlite3_value_text(values[0]);
	const char *nonce = (const char *)sqlite3_value_text(values[1]);
	unsigned char digest[NONCE_DIGEST_SIZE];

	(void)count;
	if (!keyid || !nonce) {
		sqlite3_result_error_nomem(context);
		return;
	}
	nonce_digest(NULL, keyid, nonce, digest);
	sqlite3_result_blob(context, digest, NONCE_DIGEST_SIZE, SQLITE_TRANSIENT);
}

int nonces_teach_sql(struct transaction *transaction, struct error *error)
{
	if (sqlite3_create_function(transaction->database, "nonce_digest", 2,
				    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
				    digest_for_sql, NULL, NULL) != SQLITE_OK)
		return transaction_failed(transaction, error);
	return 0;
}
