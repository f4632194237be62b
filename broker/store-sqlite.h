/* SPDX-License-Identifier: MIT */
#ifndef BROKER_STORE_SQLITE_H
#define BROKER_STORE_SQLITE_H

#include <sqlite3.h>

#include "broker/store.h"

/*
 * What the SQLite files of the store share: a connection with its prepared
 * statements is a transaction, used by one thread at a time.
 */
enum statement {
	STATEMENT_BEGIN_READ,
	STATEMENT_BEGIN_WRITE,
	STATEMENT_COMMIT,
	STATEMENT_ROLLBACK,
	STATEMENT_SAVEPOINT,
	STATEMENT_RELEASE,
	STATEMENT_UNDO,
	STATEMENT_DEVICE,
	STATEMENT_DEVICE_ADD,
	STATEMENT_CODE_ADD,
	STATEMENT_CODE,
	STATEMENT_CODE_USE,
	STATEMENT_GUESS_ADD,
	STATEMENT_GUESS_COUNT,
	STATEMENT_NONCE_ADD,
	STATEMENT_FORGET_NONCES,
	STATEMENT_FORGET_GUESSES,
	STATEMENT_FORGET_CODES,
	STATEMENT_REQUEST,
	STATEMENT_REQUEST_BY_KEY,
	STATEMENT_REQUEST_ADD,
	STATEMENT_REQUEST_UPDATE,
	STATEMENT_REQUEST_END,
	STATEMENT_REQUEST_NEXT,
	STATEMENT_DECISIONS,
	STATEMENT_DECISION_ADD,
	STATEMENT_PENDING,
	STATEMENT_PENDING_COUNT,
	STATEMENT_SINCE,
	STATEMENT_CURRENT,
	STATEMENT_OVERDUE,
	STATEMENT_CHANGED_LAST,
	STATEMENT_AUDIT_ADD,
	STATEMENT_AUDIT_SINCE,
	STATEMENT_ENDS_ROLE_ADD,
	STATEMENT_ENDS_ADD,
	STATEMENT_ENDS_HASTEN,
	STATEMENT_ENDS_OVER,
	STATEMENT_ENDS_ROLE_OVER,
	STATEMENT_ENDS_FIND,
	STATEMENT_ENDS_ORPHANS,
	STATEMENT_ENDS_ACCOUNTS_DUE,
	STATEMENT_ENDS_ROLE_DUE,
	STATEMENT_ENDS_ROLE,
	STATEMENT_ENDS_ROLE_UPDATE,
	STATEMENT_ENDS_ROLE_REMOVE,
	STATEMENT_ENDS_COUNT,
	STATEMENT_ENDS_OF_ROLE,
	STATEMENT_ENDS_DENIED,
	STATEMENT_ENDS_FORGET,
	STATEMENT_ENDS_GRANTED,
	STATEMENT_ENDS_MARK,
	STATEMENT_ENDS_UNMARK,
	STATEMENT_ENDS_MARKED,
	STATEMENT_ENDS_GRANTED_ALL,
	STATEMENT_ENDS_ADOPT_ALL,
	STATEMENT_ENDS_HASTEN_ALL,
	STATEMENT_PROVISION_ADD,
	STATEMENT_PROVISION_FIND,
	STATEMENT_PROVISION_POLICY,
	STATEMENT_PROVISION_UPDATE,
	STATEMENT_PROVISION_REMOVE,
	STATEMENT_PROVISION_OVER,
	STATEMENT_PROVISION_DUE,
	STATEMENT_PROVISION_COUNT,
	STATEMENT_PROVISION_ACCOUNTS_DUE,
	STATEMENT_PROVISION_PATH_ADD,
	STATEMENT_PROVISION_PATHS_DUE_AT,
	STATEMENT_PROVISION_PATH_DUE,
	STATEMENT_PROVISION_PATH_UPDATE,
	STATEMENT_PROOFS_MARK,
	STATEMENT_PROOFS_UNMARK,
	STATEMENT_PROOFS_FORGET,
	STATEMENT_PROOF_WANT,
	STATEMENT_PROOF_HASTEN,
	STATEMENT_PROOF_DUE,
	STATEMENT_PROOF_UPDATE,
	STATEMENT_PROOF_ACCOUNTS_DUE,
	STATEMENTS,
};

#define CHANGES_MAX 1024

struct change_note {
	char user[65];
	int64_t changed;
};

struct transaction {
	sqlite3 *database;
	sqlite3_stmt *prepared[STATEMENTS];
	struct change_note changes[CHANGES_MAX]; /* to be told after the commit */
	size_t change_count;
	bool is_writing; /* between BEGIN and COMMIT: see statement_start() */
};

/* The text of each statement. */
extern const char *const statement_texts[STATEMENTS];

/* Opens a connection as every one of ours is set up.  0 or error_set(). */
int transaction_open(struct transaction *transaction, const char *path,
		     struct error *error);
void transaction_close(struct transaction *transaction);

/* Whether none is open (any more): a full disk makes SQLite undo everything. */
bool transaction_was_undone(const struct transaction *transaction);

/*
 * Begins by one of the BEGIN statements.  One that was left open, because there was no
 * memory to end it, is undone first.  0 or error_set().
 */
int transaction_begin(struct transaction *transaction, enum statement which,
		      struct error *error);

/* error_set() with SQLite's own words for what went wrong last. */
int transaction_failed(struct transaction *transaction, struct error *error);

/*
 * Readies a statement and binds values by format: 't' text or NULL, 'i'
 * int64_t, 'b' a pointer and an int length.  They must stay until the
 * statement_done(), and one statement is not used inside itself.  NULL with error
 * filled on failure; also where the transaction was undone, since what is run then
 * would be one of its own.
 */
sqlite3_stmt *statement_start(struct transaction *transaction, enum statement which,
			      struct error *error, const char *format, ...);
void statement_done(sqlite3_stmt **statement);

/* Runs a statement that returns no rows.  0 or error_set(). */
int statement_run(struct transaction *transaction, enum statement which,
		  struct error *error, const char *format, ...);

/* One step: 1 for a row, 0 for the end, or error_set(). */
int statement_step(struct transaction *transaction, sqlite3_stmt *statement,
		   struct error *error);

/* Copies a column's text, cut to size; "" for NULL. */
void statement_copy_text(sqlite3_stmt *row, int column, char *out, size_t size);

/*
 * Runs a statement that selects accounts by when something is due in them, until
 * each() returns non-zero, and that is returned.  0 at the end, or error_set().
 */
int statement_accounts_due(struct transaction *transaction, enum statement which,
			   int64_t now_seconds, account_visitor *each, void *data,
			   struct error *error);

/*
 * The next row of a statement that selects requests, with its decisions: 1 and
 * *request, the caller's; 0 at the end or for no statement; or error_set().
 */
int statement_read_request(struct transaction *transaction, sqlite3_stmt *row,
			   struct request **request, struct error *error);

/* Each of them until each() returns non-zero, which is then the result. */
int statement_visit_requests(struct transaction *transaction, sqlite3_stmt *row,
			     request_visitor *each, void *data, struct error *error);

/* Gives SQL nonce_digest(keyid, nonce), as the table of nonces has it.  0 or error_set().
 */
int nonces_teach_sql(struct transaction *transaction, struct error *error);

/* Brings the tables up to date.  0 or error_set(). */
int schema_migrate(struct transaction *transaction, struct error *error);

#endif
