/* SPDX-License-Identifier: MIT */
#ifndef POLICY_DOCUMENT_LINT_H
#define POLICY_DOCUMENT_LINT_H

#include "policy/report.h"
#include "policy/scope.h"
#include "policy/value.h"

/* One hand-written statement, and what is looked at with it. */
struct document_lint {
	const struct scope *scope;      /* for its parameters */
	const struct value *statements; /* of the document: one, or a list */
	const struct value *statement;
	bool is_deny;
	struct report *report;
};

/*
 * Looks over one statement: its form, names that do not exist, and the traps.
 * Returns whether its form is good enough to be kept.
 */
bool document_lint_statement(const struct scope *scope, const struct value *statements,
			     const struct value *statement, struct report *report);

/* The parts of it.  Conditions: operators, keys and values. */
void document_lint_conditions(const struct document_lint *lint,
			      const struct value *conditions);

/* What lets in, or fails to keep out, more than it seems to; of a whole statement. */
void document_lint_traps(const struct document_lint *lint);

/* Runs check on a text or each text of a list; anything else is an error. */
void document_each_text(const struct document_lint *lint, const struct value *value,
			void (*check)(const struct document_lint *lint,
				      const struct value *text));

/* Whether an Action or a NotAction names it, as "dynamodb:Scan". */
bool document_names_action(const struct value *actions, const char *name);

/* Whether some condition operator has that key; "op" NULL: any. */
const struct value *document_condition_find(const struct value *conditions,
					    const char *op, const char *key);

/* Whether Null says that of the key and nothing else: "true" (it is absent), "false". */
bool document_says_null(const struct value *conditions, const char *key,
			const char *boolean);

/* Whether AWS has that condition key, so far as that is known here. */
bool document_knows_key(const char *key);

#endif
