/* SPDX-License-Identifier: MIT */
#include "broker/store-sqlite.h"

/*
 * What a transaction costs is the pages that it touches, and each index that a
 * change concerns is one more: so there are as few as the questions need, and
 * tables without a rowid are their own index.  Nonces are few and forgotten by
 * looking through them once a minute.
 *
 * Each text brings the tables from its index to the next version; user_version
 * in the file says how far it is.  Never change one that has been released: add one.
 */
static const char *const migrations[] = {
	"CREATE TABLE devices ("
	"  keyid TEXT PRIMARY KEY,"
	"  public_key BLOB NOT NULL,"
	"  user TEXT NOT NULL,"
	"  enrolled_at INTEGER NOT NULL"
	") STRICT;"
	"CREATE TABLE codes ("
	"  hash BLOB PRIMARY KEY,"
	"  user TEXT NOT NULL,"
	"  expires_at INTEGER NOT NULL,"
	"  used_at INTEGER NOT NULL DEFAULT 0"
	") STRICT;"
	"CREATE TABLE guesses ("
	"  address TEXT NOT NULL,"
	"  at INTEGER NOT NULL"
	") STRICT;"
	"CREATE INDEX guesses_by_address ON guesses (address, at);"
	"CREATE TABLE nonces ("
	"  keyid TEXT NOT NULL,"
	"  nonce TEXT NOT NULL,"
	"  forget_at INTEGER NOT NULL,"
	"  PRIMARY KEY (keyid, nonce)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE requests ("
	"  id TEXT PRIMARY KEY,"
	"  user TEXT NOT NULL,"
	"  profile TEXT NOT NULL,"
	"  parameters TEXT NOT NULL,"
	"  reason TEXT NOT NULL,"
	"  duration_seconds INTEGER NOT NULL,"
	"  key TEXT NOT NULL,"
	"  access TEXT NOT NULL,"
	"  state TEXT NOT NULL,"
	"  requested_at INTEGER NOT NULL,"
	"  expires_at INTEGER NOT NULL,"
	"  changed INTEGER NOT NULL,"
	"  account_id TEXT,"
	"  role_arn TEXT,"
	"  region TEXT,"
	"  approved_by TEXT,"
	"  approved_at INTEGER NOT NULL DEFAULT 0,"
	"  ends_at INTEGER NOT NULL DEFAULT 0,"
	"  ended_at INTEGER NOT NULL DEFAULT 0,"
	"  end_reason TEXT,"
	"  UNIQUE (user, key),"
	"  UNIQUE (user, changed)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX requests_by_end ON requests (user, ended_at);"
	"CREATE INDEX requests_pending ON requests (expires_at, user)"
	"  WHERE state = 'pending';"
	"CREATE INDEX requests_live ON requests (ends_at) WHERE state = 'approved';"
	"CREATE TABLE decisions ("
	"  request TEXT NOT NULL REFERENCES requests (id),"
	"  user TEXT NOT NULL,"
	"  verdict TEXT NOT NULL CHECK (verdict IN ('approve', 'deny')),"
	"  reason TEXT,"
	"  at INTEGER NOT NULL,"
	"  PRIMARY KEY (request, user)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE audit ("
	"  sequence INTEGER PRIMARY KEY,"
	"  at INTEGER NOT NULL,"
	"  event TEXT NOT NULL,"
	"  user TEXT,"
	"  request TEXT,"
	"  address TEXT,"
	"  text TEXT NOT NULL,"
	"  evidence TEXT"
	") STRICT;"
	"CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit"
	"  BEGIN SELECT raise(ABORT, 'the audit trail is never changed'); END;"
	"CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit"
	"  BEGIN SELECT raise(ABORT, 'the audit trail is never deleted'); END;",

	/* What AWS is told of ends: see store-ends.h. */
	"CREATE TABLE marks ("
	"  name TEXT PRIMARY KEY,"
	"  at INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE ends_roles ("
	"  arn TEXT PRIMARY KEY,"
	"  account_id TEXT NOT NULL,"
	"  region TEXT NOT NULL,"
	"  manager TEXT NOT NULL,"
	"  due_at INTEGER NOT NULL,"
	"  turn INTEGER NOT NULL DEFAULT 0,"
	"  is_unknown INTEGER NOT NULL DEFAULT 0,"
	"  document_hash BLOB,"
	"  check_at INTEGER NOT NULL DEFAULT 0,"
	"  longest_seconds INTEGER NOT NULL DEFAULT 0,"
	"  room INTEGER NOT NULL DEFAULT 0,"
	"  looked_at INTEGER NOT NULL DEFAULT 0,"
	"  failures INTEGER NOT NULL DEFAULT 0,"
	"  error_kind TEXT NOT NULL DEFAULT '',"
	"  error_text TEXT NOT NULL DEFAULT ''"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX ends_roles_due ON ends_roles (due_at, account_id);"
	"CREATE TABLE ends ("
	"  role TEXT NOT NULL REFERENCES ends_roles (arn),"
	"  request TEXT NOT NULL UNIQUE REFERENCES requests (id),"
	"  ends_at INTEGER NOT NULL,"
	"  granted_until INTEGER NOT NULL,"
	"  denied_from INTEGER NOT NULL DEFAULT -1,"
	"  PRIMARY KEY (role, request)"
	") STRICT, WITHOUT ROWID;",

	/*
	 * Roles made for one session: see store-provisions.h.  An orphan's request
	 * may be one that this store never had.
	 */
	"CREATE TABLE provisions ("
	"  request TEXT PRIMARY KEY,"
	"  role TEXT NOT NULL,"
	"  account_id TEXT NOT NULL,"
	"  region TEXT NOT NULL,"
	"  manager TEXT NOT NULL,"
	"  path TEXT NOT NULL,"
	"  boundary TEXT NOT NULL,"
	"  policy TEXT NOT NULL,"
	"  step TEXT NOT NULL,"
	"  due_at INTEGER NOT NULL,"
	"  tries INTEGER NOT NULL DEFAULT 0,"
	"  is_under_way INTEGER NOT NULL DEFAULT 0,"
	"  is_unsure INTEGER NOT NULL DEFAULT 0,"
	"  is_ours INTEGER NOT NULL,"
	"  is_orphan INTEGER NOT NULL,"
	"  error_kind TEXT NOT NULL DEFAULT '',"
	"  error_text TEXT NOT NULL DEFAULT ''"
	") STRICT;"
	"CREATE INDEX provisions_due ON provisions (due_at, account_id);"
	"CREATE TABLE provision_paths ("
	"  account_id TEXT NOT NULL,"
	"  path TEXT NOT NULL,"
	"  region TEXT NOT NULL,"
	"  manager TEXT NOT NULL,"
	"  due_at INTEGER NOT NULL,"
	"  failures INTEGER NOT NULL DEFAULT 0,"
	"  PRIMARY KEY (account_id, path)"
	") STRICT, WITHOUT ROWID;",

	/* Whether AWS was seen to refuse what was ended: see store-proofs.h. */
	"CREATE TABLE proofs ("
	"  request TEXT PRIMARY KEY REFERENCES requests (id),"
	"  account_id TEXT NOT NULL,"
	"  ended_at INTEGER NOT NULL,"
	"  due_at INTEGER NOT NULL,"
	"  tries INTEGER NOT NULL DEFAULT 0,"
	"  proven_at INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX proofs_due ON proofs (due_at, account_id);",

	/* What was asked for, to the last condition; those from before have none. */
	"ALTER TABLE requests ADD COLUMN digest TEXT NOT NULL DEFAULT '';",

	/* A nonce that was used stays used. */
	"ALTER TABLE nonces RENAME TO nonces_by_key;"
	"CREATE TABLE nonces ("
	"  digest BLOB PRIMARY KEY,"
	"  forget_at INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"INSERT OR IGNORE INTO nonces"
	"  SELECT nonce_digest(keyid, nonce), forget_at FROM nonces_by_key;"
	"DROP TABLE nonces_by_key;",
};
#define NEWEST ((int)(sizeof(migrations) / sizeof(migrations[0])))

static int read_version(struct transaction *transaction, int *version,
			struct error *error)
{
	sqlite3_stmt *statement = NULL;
	int r;

	if (sqlite3_prepare_v2(transaction->database, "PRAGMA user_version", -1,
			       &statement, NULL) != SQLITE_OK)
		return transaction_failed(transaction, error);
	r = statement_step(transaction, statement, error);
	if (r == 1)
		*version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return r < 0 ? r : 0;
}

static int run_text(struct transaction *transaction, const char *text,
		    struct error *error)
{
	if (sqlite3_exec(transaction->database, text, NULL, NULL, NULL) != SQLITE_OK)
		return transaction_failed(transaction, error);
	return 0;
}

static int check_version(struct transaction *transaction, int *version,
			 struct error *error)
{
	int r = read_version(transaction, version, error);

	if (r == 0 && *version > NEWEST)
		r = error_set(error, ERROR_USAGE,
			      "the store is of version %d, this program knows %d",
			      *version, NEWEST);
	return r;
}

/*
 * One transaction for all steps: another process finds the old tables or the new.  One
 * may have been before us, so only now it is known which steps are left.
 */
static int migrate_locked(struct transaction *transaction, struct error *error)
{
	char mark[48];
	int version = 0;
	int r = check_version(transaction, &version, error);

	for (int i = version; r == 0 && i < NEWEST; i++)
		r = run_text(transaction, migrations[i], error);
	if (r == 0) {
		snprintf(mark, sizeof(mark), "PRAGMA user_version = %d", NEWEST);
		r = run_text(transaction, mark, error);
	}
	return r < 0 ? r : run_text(transaction, "COMMIT", error);
}

int schema_migrate(struct transaction *transaction, struct error *error)
{
	int version = 0;
	int r = check_version(transaction, &version, error);

	if (r < 0 || version == NEWEST)
		return r;
	r = nonces_teach_sql(transaction, error);
	if (r == 0)
		r = run_text(transaction, "BEGIN IMMEDIATE", error);
	if (r < 0)
		return r;
	r = migrate_locked(transaction, error);
	if (r < 0)
		run_text(transaction, "ROLLBACK", NULL);
	return r;
}
