/* SPDX-License-Identifier: MIT */
#include <sodium.h>
#include <string.h>

#include "broker/store-sqlite.h"

/*
 * A used nonce is kept as a digest of it and its key: a third of the size, so that a
 * page of the table takes a hundred and fifty before it has to be split.
 */
#define DIGEST_SIZE 16

static void digest_of(const char *keyid, const char *nonce,
		      unsigned char digest[static DIGEST_SIZE])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, DIGEST_SIZE);
	crypto_generichash_update(&state, (const unsigned char *)keyid,
				  strlen(keyid) + 1);
	crypto_generichash_update(&state, (const unsigned char *)nonce, strlen(nonce));
	crypto_generichash_final(&state, digest, DIGEST_SIZE);
}

int store_nonce_use(struct transaction *transaction, const char *keyid, const char *nonce,
		    int64_t forget_at, struct error *error)
{
	unsigned char digest[DIGEST_SIZE];
	int r;

	digest_of(keyid, nonce, digest);
	r = statement_run(transaction, STATEMENT_NONCE_ADD, error, "bi", digest,
			  DIGEST_SIZE, forget_at);
	return r < 0 ? r : sqlite3_changes(transaction->database);
}

static void digest_for_sql(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *keyid = (const char *)sqlite3_value_text(values[0]);
	const char *nonce = (const char *)sqlite3_value_text(values[1]);
	unsigned char digest[DIGEST_SIZE];

	(void)count;
	if (!keyid || !nonce) {
		sqlite3_result_error_nomem(context);
		return;
	}
	digest_of(keyid, nonce, digest);
	sqlite3_result_blob(context, digest, DIGEST_SIZE, SQLITE_TRANSIENT);
}

int nonces_teach_sql(struct transaction *transaction, struct error *error)
{
	if (sqlite3_create_function(transaction->database, "nonce_digest", 2,
				    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
				    digest_for_sql, NULL, NULL) != SQLITE_OK)
		return transaction_failed(transaction, error);
	return 0;
}
