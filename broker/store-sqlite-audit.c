/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/cleanup.h"
#include "broker/store-sqlite.h"

int store_audit_add(struct transaction *transaction, const struct audit_entry *entry,
		    struct error *error)
{
	return statement_run(transaction, STATEMENT_AUDIT_ADD, error, "itttttt",
			     entry->at_seconds, entry->event, entry->user, entry->request,
			     entry->address, entry->text, entry->evidence);
}

static const char *text_at(sqlite3_stmt *row, int column)
{
	return (const char *)sqlite3_column_text(row, column);
}

int store_audit_since(struct transaction *transaction, int64_t since, audit_visitor *each,
		      void *data, struct error *error)
{
	scoped(statement_done) sqlite3_stmt *row = statement_start(
	    transaction, STATEMENT_AUDIT_SINCE, error, "i", since);
	int r = row ? statement_step(transaction, row, error) : -EIO;

	while (r == 1) {
		struct audit_entry entry = {
			.sequence = sqlite3_column_int64(row, 0),
			.at_seconds = sqlite3_column_int64(row, 1),
			.event = text_at(row, 2),
			.user = text_at(row, 3),
			.request = text_at(row, 4),
			.address = text_at(row, 5),
			.text = text_at(row, 6),
			.evidence = text_at(row, 7),
		};

		r = each(data, &entry);
		if (r != 0)
			return r;
		r = statement_step(transaction, row, error);
	}
	return r;
}
