/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "broker/store-sqlite.h"

#define BUSY_TIMEOUT_MS 5000
#define MODE_SIZE 16

int transaction_failed(struct transaction *transaction, struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "the store does not take it: %s",
			 sqlite3_errmsg(transaction->database));
}

static int keep_word(void *data, int count, char **values, char **names)
{
	(void)names;
	if (count == 1 && values[0])
		snprintf(data, MODE_SIZE, "%s", values[0]);
	return 0;
}

/* Where it cannot have a log SQLite says nothing and does with less. */
static int open_log(sqlite3 *database, const char *path, struct error *error)
{
	char mode[MODE_SIZE] = "";

	if (sqlite3_exec(database, "PRAGMA journal_mode = WAL", keep_word, mode, NULL) !=
	    SQLITE_OK)
		return error_set(error, ERROR_INTERNAL, "cannot open %s: %s", path,
				 sqlite3_errmsg(database));
	if (strcmp(mode, "wal") != 0)
		return error_set(error, ERROR_INTERNAL,
				 "cannot open %s: its file system can't have a "
				 "write-ahead log; put it on a local disk",
				 path);
	return 0;
}

int transaction_open(struct transaction *transaction, const char *path,
		     struct error *error)
{
	static const char settings[] = "PRAGMA synchronous = FULL;"
				       "PRAGMA foreign_keys = ON;"
				       "PRAGMA trusted_schema = OFF;"
				       "PRAGMA wal_autocheckpoint = 4000;";
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int r = 0;

	if (sqlite3_open_v2(path, &transaction->database, flags, NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(transaction->database, BUSY_TIMEOUT_MS) != SQLITE_OK)
		r = error_set(error, ERROR_INTERNAL, "cannot open %s: %s", path,
			      sqlite3_errmsg(transaction->database));
	if (r == 0)
		r = open_log(transaction->database, path, error);
	if (r == 0 &&
	    sqlite3_exec(transaction->database, settings, NULL, NULL, NULL) != SQLITE_OK)
		r = transaction_failed(transaction, error);
	if (r < 0)
		transaction_close(transaction);
	return r;
}

void transaction_close(struct transaction *transaction)
{
	for (size_t i = 0; i < STATEMENTS; i++) {
		sqlite3_finalize(transaction->prepared[i]);
		transaction->prepared[i] = NULL;
	}
	sqlite3_close(transaction->database);
	transaction->database = NULL;
}

bool transaction_was_undone(const struct transaction *transaction)
{
	return sqlite3_get_autocommit(transaction->database) != 0;
}

int transaction_begin(struct transaction *transaction, enum statement which,
		      struct error *error)
{
	int r = 0;

	if (!transaction_was_undone(transaction))
		r = statement_run(transaction, STATEMENT_ROLLBACK, error, "");
	return r < 0 ? r : statement_run(transaction, which, error, "");
}
