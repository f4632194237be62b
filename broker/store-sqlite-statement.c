/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "broker/store-sqlite.h"

#define REQUEST_COLUMNS                                                                  \
	"id, user, profile, parameters, reason, duration_seconds, key, access, state, "  \
	"requested_at, expires_at, changed, account_id, role_arn, region, approved_by, " \
	"approved_at, ends_at, ended_at, end_reason, digest"
#define PROVEN_AT "(SELECT proven_at FROM proofs WHERE request = requests.id)"
#define SELECT_REQUEST "SELECT " REQUEST_COLUMNS ", " PROVEN_AT " FROM requests "

#define ROLE_COLUMNS                                                                 \
	"r.arn, r.account_id, r.region, r.manager, r.due_at, r.turn, r.is_unknown, " \
	"r.document_hash, r.check_at, r.longest_seconds, r.room, r.looked_at, "      \
	"r.failures, r.error_kind, r.error_text"
#define PROVISION_COLUMNS                                                            \
	"request, role, account_id, region, manager, path, boundary, step, due_at, " \
	"tries, is_under_way, is_unsure, is_ours, is_orphan, error_kind, error_text"
#define END_COLUMNS "e.request, e.ends_at, e.granted_until, e.denied_from"

/* clang-format off */
const char *const statement_texts[STATEMENTS] = {
	[STATEMENT_BEGIN_READ]      = "BEGIN",
	[STATEMENT_BEGIN_WRITE]     = "BEGIN IMMEDIATE",
	[STATEMENT_COMMIT]          = "COMMIT",
	[STATEMENT_ROLLBACK]        = "ROLLBACK",
	[STATEMENT_SAVEPOINT]       = "SAVEPOINT work",
	[STATEMENT_RELEASE]         = "RELEASE work",
	[STATEMENT_UNDO]            = "ROLLBACK TO work",
	[STATEMENT_DEVICE]          = "SELECT public_key, user, enrolled_at FROM devices WHERE keyid = ?1",
	[STATEMENT_DEVICE_ADD]      = "INSERT INTO devices (keyid, public_key, user, enrolled_at) VALUES (?1, ?2, ?3, ?4)",
	[STATEMENT_CODE_ADD]        = "INSERT INTO codes (hash, user, expires_at) VALUES (?1, ?2, ?3)",
	[STATEMENT_CODE]            = "SELECT user, expires_at, used_at FROM codes WHERE hash = ?1",
	[STATEMENT_CODE_USE]        = "UPDATE codes SET used_at = ?2 WHERE hash = ?1 AND used_at = 0",
	[STATEMENT_GUESS_ADD]       = "INSERT INTO guesses (address, at) VALUES (?1, ?2)",
	[STATEMENT_GUESS_COUNT]     = "SELECT count(*) FROM guesses WHERE address = ?1 AND at > ?2",
	[STATEMENT_NONCE_ADD]       = "INSERT INTO nonces (digest, forget_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
	[STATEMENT_FORGET_NONCES]   = "DELETE FROM nonces WHERE forget_at < ?1",
	[STATEMENT_FORGET_GUESSES]  = "DELETE FROM guesses WHERE at < ?1 - 3600",
	[STATEMENT_FORGET_CODES]    = "DELETE FROM codes WHERE expires_at < ?1 - 86400",
	[STATEMENT_REQUEST]         = SELECT_REQUEST "WHERE id = ?1",
	[STATEMENT_REQUEST_BY_KEY]  = SELECT_REQUEST "WHERE user = ?1 AND key = ?2",
	[STATEMENT_REQUEST_ADD]     = "INSERT INTO requests (" REQUEST_COLUMNS ") VALUES "
	                              "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
	/* SQLite writes each index that has a column named here, changed or not. */
	[STATEMENT_REQUEST_UPDATE]  = "UPDATE requests SET state = ?2, changed = ?3, account_id = ?4, role_arn = ?5, region = ?6, "
	                              "approved_by = ?7, approved_at = ?8, ends_at = ?9 WHERE id = ?1",
	[STATEMENT_REQUEST_END]     = "UPDATE requests SET ended_at = ?2, end_reason = ?3 WHERE id = ?1",
	[STATEMENT_REQUEST_NEXT]    = "SELECT coalesce(max(changed), 0) + 1 FROM requests WHERE user = ?1",
	[STATEMENT_DECISIONS]       = "SELECT user, verdict, reason, at FROM decisions WHERE request = ?1 ORDER BY at, user",
	[STATEMENT_DECISION_ADD]    = "INSERT INTO decisions (request, user, verdict, reason, at) VALUES (?1, ?2, ?3, ?4, ?5)",
	[STATEMENT_PENDING]         = SELECT_REQUEST "WHERE state = 'pending' AND expires_at > ?1 ORDER BY expires_at",
	[STATEMENT_PENDING_COUNT]   = "SELECT count(*) FROM requests INDEXED BY requests_pending WHERE user = ?1 AND state = 'pending' AND expires_at > ?2",
	[STATEMENT_SINCE]           = SELECT_REQUEST "WHERE user = ?1 AND changed > ?2 ORDER BY changed",
	[STATEMENT_CURRENT]         = SELECT_REQUEST "WHERE user = ?1 AND (ended_at = 0 OR ended_at > ?2) ORDER BY changed",
	[STATEMENT_OVERDUE]         = SELECT_REQUEST "WHERE (state = 'pending' AND expires_at <= ?1) OR (state = 'approved' AND ends_at <= ?1) LIMIT 500",
	[STATEMENT_CHANGED_LAST]    = "SELECT coalesce(max(changed), 0) FROM requests WHERE user = ?1",
	[STATEMENT_AUDIT_ADD]       = "INSERT INTO audit (at, event, user, request, address, text, evidence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[STATEMENT_AUDIT_SINCE]     = "SELECT sequence, at, event, user, request, address, text, evidence FROM audit WHERE sequence > ?1 ORDER BY sequence",
	[STATEMENT_ENDS_ROLE_ADD]   = "INSERT INTO ends_roles (arn, account_id, region, manager, due_at, turn) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
	                              "ON CONFLICT (arn) DO UPDATE SET region = ?3, manager = ?4 WHERE region <> ?3 OR manager <> ?4",
	[STATEMENT_ENDS_ADD]        = "INSERT INTO ends (role, request, ends_at, granted_until) VALUES (?1, ?2, ?3, ?4) "
	                              "ON CONFLICT (request) DO UPDATE SET granted_until = max(granted_until, ?4)",
	/* A role that failed keeps its pause. */
	[STATEMENT_ENDS_HASTEN]     = "UPDATE ends_roles SET due_at = min(due_at, ?2) WHERE failures = 0 AND arn = "
	                              "(SELECT role FROM ends WHERE request = ?1 AND denied_from < 0)",
	[STATEMENT_ENDS_OVER]       = "UPDATE ends SET ends_at = min(ends_at, ?2) WHERE request = ?1",
	[STATEMENT_ENDS_ROLE_OVER]  = "UPDATE ends_roles SET due_at = min(due_at, ?2) WHERE failures = 0 AND arn = "
	                              "(SELECT role FROM ends WHERE request = ?1)",
	[STATEMENT_ENDS_FIND]       = "SELECT " END_COLUMNS ", " ROLE_COLUMNS " FROM ends e JOIN ends_roles r ON r.arn = e.role WHERE e.request = ?1",
	[STATEMENT_ENDS_ORPHANS]    = SELECT_REQUEST "WHERE role_arn IS NOT NULL AND (ended_at = 0 OR ended_at > ?1) AND ends_at > ?1 "
	                              "AND NOT EXISTS (SELECT 1 FROM ends WHERE request = id)",
	[STATEMENT_ENDS_ACCOUNTS_DUE] = "SELECT DISTINCT account_id FROM ends_roles WHERE due_at <= ?1",
	[STATEMENT_ENDS_ROLE_DUE]   = "SELECT " ROLE_COLUMNS " FROM ends_roles r WHERE r.account_id = ?1 AND r.due_at <= ?2 ORDER BY r.due_at LIMIT 1",
	[STATEMENT_ENDS_ROLE]       = "SELECT " ROLE_COLUMNS " FROM ends_roles r WHERE r.arn = ?1",
	[STATEMENT_ENDS_ROLE_UPDATE] = "UPDATE ends_roles SET region = ?2, manager = ?3, due_at = ?4, turn = ?5, is_unknown = ?6, document_hash = ?7, "
	                              "check_at = ?8, longest_seconds = ?9, room = ?10, looked_at = ?11, failures = ?12, error_kind = ?13, error_text = ?14 "
	                              "WHERE arn = ?1",
	[STATEMENT_ENDS_ROLE_REMOVE] = "DELETE FROM ends_roles WHERE arn = ?1",
	[STATEMENT_ENDS_COUNT]      = "SELECT count(*) FROM ends WHERE role = ?1",
	[STATEMENT_ENDS_OF_ROLE]    = "SELECT " END_COLUMNS " FROM ends e WHERE e.role = ?1 ORDER BY e.request",
	[STATEMENT_ENDS_DENIED]     = "UPDATE ends SET denied_from = ?2 WHERE request = ?1",
	[STATEMENT_ENDS_FORGET]     = "DELETE FROM ends WHERE request = ?1 AND denied_from = ?2 AND granted_until = ?3",
	[STATEMENT_ENDS_GRANTED]    = "UPDATE ends SET granted_until = ?2 WHERE request = ?1 AND granted_until < ?2",
	[STATEMENT_ENDS_MARK]       = "INSERT INTO marks (name, at) VALUES ('iam-on', ?1)",
	[STATEMENT_ENDS_UNMARK]     = "DELETE FROM marks WHERE name = 'iam-on'",
	[STATEMENT_ENDS_GRANTED_ALL] = "UPDATE ends SET granted_until = max(granted_until, min(ends_at, ?1) + ?2)",
	[STATEMENT_ENDS_ADOPT_ALL]  = "UPDATE ends SET denied_from = ?1 WHERE denied_from = ?2",
	[STATEMENT_ENDS_HASTEN_ALL] = "UPDATE ends_roles SET due_at = min(due_at, ?1)",
	[STATEMENT_ENDS_MARKED]     = "SELECT at FROM marks WHERE name = 'iam-on'",
	[STATEMENT_PROVISION_ADD]   = "INSERT INTO provisions (request, role, account_id, region, manager, path, boundary, policy, step, due_at, is_ours, is_orphan) "
	                              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
	[STATEMENT_PROVISION_FIND]  = "SELECT " PROVISION_COLUMNS " FROM provisions WHERE request = ?1",
	[STATEMENT_PROVISION_POLICY] = "SELECT policy FROM provisions WHERE request = ?1",
	[STATEMENT_PROVISION_UPDATE] = "UPDATE provisions SET step = ?2, due_at = ?3, tries = ?4, is_under_way = ?5, is_unsure = ?6, is_ours = ?7, "
	                              "error_kind = ?8, error_text = ?9 WHERE request = ?1",
	[STATEMENT_PROVISION_REMOVE] = "DELETE FROM provisions WHERE request = ?1",
	/* One that is being destroyed keeps its pause. */
	[STATEMENT_PROVISION_OVER]  = "UPDATE provisions SET due_at = min(due_at, ?2) WHERE request = ?1 AND step IN ('make-role', 'put-policy', 'probe', 'ready')",
	[STATEMENT_PROVISION_DUE]   = "SELECT " PROVISION_COLUMNS " FROM provisions WHERE account_id = ?1 AND due_at <= ?2 "
	                              "ORDER BY step IN ('make-role', 'put-policy', 'probe'), due_at LIMIT 1",
	[STATEMENT_PROVISION_COUNT] = "SELECT count(*) FROM provisions",
	[STATEMENT_PROVISION_ACCOUNTS_DUE] = "SELECT account_id FROM provisions WHERE due_at <= ?1 UNION SELECT account_id FROM provision_paths WHERE due_at <= ?1",
	[STATEMENT_PROVISION_PATH_ADD] = "INSERT INTO provision_paths (account_id, path, region, manager, due_at) VALUES (?1, ?2, ?3, ?4, ?5) "
	                              "ON CONFLICT (account_id, path) DO UPDATE SET region = ?3, manager = ?4 WHERE region <> ?3 OR manager <> ?4",
	[STATEMENT_PROVISION_PATHS_DUE_AT] = "UPDATE provision_paths SET due_at = min(due_at, ?1)",
	[STATEMENT_PROVISION_PATH_DUE] = "SELECT account_id, path, region, manager, failures FROM provision_paths WHERE account_id = ?1 AND due_at <= ?2 ORDER BY due_at LIMIT 1",
	[STATEMENT_PROVISION_PATH_UPDATE] = "UPDATE provision_paths SET due_at = ?3, failures = ?4 WHERE account_id = ?1 AND path = ?2",
	[STATEMENT_PROOFS_MARK]     = "INSERT INTO marks (name, at) VALUES ('proofs-on', ?1) ON CONFLICT DO NOTHING",
	[STATEMENT_PROOFS_UNMARK]   = "DELETE FROM marks WHERE name = 'proofs-on'",
	[STATEMENT_PROOFS_FORGET]   = "DELETE FROM proofs WHERE proven_at = ?1",
	/* Only where a grant may be out: the document denies it, or its own role was ready. */
	[STATEMENT_PROOF_WANT]      = "INSERT INTO proofs (request, account_id, ended_at, due_at, proven_at) SELECT id, account_id, ?2, ?3, ?4 FROM requests "
	                              "WHERE id = ?1 AND account_id IS NOT NULL AND EXISTS (SELECT 1 FROM marks WHERE name = 'proofs-on') "
	                              "AND (EXISTS (SELECT 1 FROM ends WHERE request = ?1 AND denied_from <> -1) "
	                              "OR EXISTS (SELECT 1 FROM provisions WHERE request = ?1 AND step = 'ready')) ON CONFLICT DO NOTHING",
	[STATEMENT_PROOF_HASTEN]    = "UPDATE proofs SET due_at = ?2, tries = 0, proven_at = ?3 WHERE request = ?1 AND proven_at < 0",
	[STATEMENT_PROOF_DUE]       = "SELECT request, ended_at, due_at, tries, proven_at FROM proofs WHERE account_id = ?1 AND due_at <= ?2 ORDER BY due_at LIMIT 1",
	[STATEMENT_PROOF_UPDATE]    = "UPDATE proofs SET due_at = ?2, tries = ?3, proven_at = ?4 WHERE request = ?1",
	[STATEMENT_PROOF_ACCOUNTS_DUE] = "SELECT DISTINCT account_id FROM proofs WHERE due_at <= ?1",
};
/* clang-format on */

static int bind_all(sqlite3_stmt *statement, const char *format, va_list arguments)
{
	int r = SQLITE_OK;

	for (int i = 1; r == SQLITE_OK && format[i - 1]; i++) {
		if (format[i - 1] == 't') {
			const char *text = va_arg(arguments, const char *);

			r = sqlite3_bind_text(statement, i, text, -1, SQLITE_STATIC);
		} else if (format[i - 1] == 'i') {
			r = sqlite3_bind_int64(statement, i, va_arg(arguments, int64_t));
		} else {
			const void *bytes = va_arg(arguments, const void *);

			r = sqlite3_bind_blob(statement, i, bytes, va_arg(arguments, int),
					      SQLITE_STATIC);
		}
	}
	return r;
}

static sqlite3_stmt *start(struct transaction *transaction, enum statement which,
			   struct error *error, const char *format, va_list arguments)
{
	sqlite3_stmt **prepared = &transaction->prepared[which];

	if (transaction->is_writing && transaction_was_undone(transaction)) {
		transaction_failed(transaction, error);
		return NULL;
	}
	if (!*prepared &&
	    sqlite3_prepare_v3(transaction->database, statement_texts[which], -1,
			       SQLITE_PREPARE_PERSISTENT, prepared, NULL) != SQLITE_OK) {
		transaction_failed(transaction, error);
		return NULL;
	}
	assert(!sqlite3_stmt_busy(*prepared));
	if (bind_all(*prepared, format, arguments) != SQLITE_OK) {
		transaction_failed(transaction, error);
		statement_done(&(sqlite3_stmt *){ *prepared });
		return NULL;
	}
	return *prepared;
}

sqlite3_stmt *statement_start(struct transaction *transaction, enum statement which,
			      struct error *error, const char *format, ...)
{
	sqlite3_stmt *statement;
	va_list arguments;

	va_start(arguments, format);
	statement = start(transaction, which, error, format, arguments);
	va_end(arguments);
	return statement;
}

/* Bound values are the caller's: none may be left behind. */
void statement_done(sqlite3_stmt **statement)
{
	if (!*statement)
		return;
	sqlite3_reset(*statement);
	sqlite3_clear_bindings(*statement);
}

int statement_step(struct transaction *transaction, sqlite3_stmt *statement,
		   struct error *error)
{
	int r = sqlite3_step(statement);

	if (r == SQLITE_ROW || r == SQLITE_DONE)
		return r == SQLITE_ROW;
	return transaction_failed(transaction, error);
}

int statement_run(struct transaction *transaction, enum statement which,
		  struct error *error, const char *format, ...)
{
	scoped(statement_done) sqlite3_stmt *statement = NULL;
	va_list arguments;
	int r;

	va_start(arguments, format);
	statement = start(transaction, which, error, format, arguments);
	va_end(arguments);
	if (!statement)
		return -EIO;
	r = statement_step(transaction, statement, error);
	return r < 0 ? r : 0;
}

void statement_copy_text(sqlite3_stmt *row, int column, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	snprintf(out, size, "%s", text ? text : "");
}

int statement_accounts_due(struct transaction *transaction, enum statement which,
			   int64_t now_seconds, account_visitor *each, void *data,
			   struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, which, error, "i", now_seconds);
	int r = row ? statement_step(transaction, row, error) : -EIO;

	while (r == 1) {
		r = each(data, (const char *)sqlite3_column_text(row, 0));
		if (r != 0)
			return r;
		r = statement_step(transaction, row, error);
	}
	return r;
}
