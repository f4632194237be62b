/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "broker/store-sqlite.h"

int store_device(struct transaction *transaction, const char *keyid,
		 struct device *device, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_DEVICE, error, "t", keyid);
	const void *public_key;
	int r = row ? statement_step(transaction, row, error) : -EIO;

	if (r <= 0)
		return r;
	public_key = sqlite3_column_blob(row, 0);
	if (!public_key || sqlite3_column_bytes(row, 0) != SIGNATURE_PUBLIC_KEY_SIZE)
		return error_set(error, ERROR_INTERNAL, "a device key is damaged");
	*device = (struct device){ .enrolled_at = sqlite3_column_int64(row, 2) };
	snprintf(device->keyid, sizeof(device->keyid), "%s", keyid);
	memcpy(device->public_key, public_key, SIGNATURE_PUBLIC_KEY_SIZE);
	statement_copy_text(row, 1, device->user, sizeof(device->user));
	return 1;
}

int store_device_add(struct transaction *transaction, const struct device *device,
		     struct error *error)
{
	return statement_run(transaction, STATEMENT_DEVICE_ADD, error, "tbti",
			     device->keyid, device->public_key, SIGNATURE_PUBLIC_KEY_SIZE,
			     device->user, device->enrolled_at);
}

int store_code_add(struct transaction *transaction, const struct code *code,
		   struct error *error)
{
	return statement_run(transaction, STATEMENT_CODE_ADD, error, "bti", code->hash,
			     CODE_HASH_SIZE, code->user, code->expires_at);
}

int store_code(struct transaction *transaction,
	       const unsigned char hash[static CODE_HASH_SIZE], struct code *code,
	       struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_CODE, error, "b", hash, CODE_HASH_SIZE);
	int r = row ? statement_step(transaction, row, error) : -EIO;

	if (r <= 0)
		return r;
	memcpy(code->hash, hash, CODE_HASH_SIZE);
	statement_copy_text(row, 0, code->user, sizeof(code->user));
	code->expires_at = sqlite3_column_int64(row, 1);
	code->used_at = sqlite3_column_int64(row, 2);
	return 1;
}

int store_code_use(struct transaction *transaction,
		   const unsigned char hash[static CODE_HASH_SIZE], int64_t now_seconds,
		   struct error *error)
{
	int r = statement_run(transaction, STATEMENT_CODE_USE, error, "bi", hash,
			      CODE_HASH_SIZE, now_seconds);

	if (r == 0 && sqlite3_changes(transaction->database) != 1)
		r = error_set(error, ERROR_INTERNAL, "the code was used before");
	return r;
}

int store_guess_add(struct transaction *transaction, const char *address,
		    int64_t now_seconds, struct error *error)
{
	return statement_run(transaction, STATEMENT_GUESS_ADD, error, "ti", address,
			     now_seconds);
}

int store_guess_count(struct transaction *transaction, const char *address,
		      int64_t since_seconds, int64_t *count, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_GUESS_COUNT, error, "ti", address, since_seconds);
	int r = row ? statement_step(transaction, row, error) : -EIO;

	if (r < 0)
		return r;
	*count = sqlite3_column_int64(row, 0);
	return 0;
}

int store_forget(struct transaction *transaction, int64_t now_seconds,
		 struct error *error)
{
	static const enum statement all[] = { STATEMENT_FORGET_NONCES,
					      STATEMENT_FORGET_GUESSES,
					      STATEMENT_FORGET_CODES };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(all) / sizeof(all[0]); i++)
		r = statement_run(transaction, all[i], error, "i", now_seconds);
	return r;
}
