/* SPDX-License-Identifier: MIT */
#ifndef POLICY_DOCUMENT_LINT_H
#define POLICY_DOCUMENT_LINT_H

#include "policy/report.h"
#include "policy/value.h"

/*
 * Looks over one hand-written statement: its form, names that do not exist,
 * and the traps.  Returns whether its form is good enough to be kept.
 */
bool document_lint_statement(const struct value *statement, struct report *report);

/* The conditions of a statement; part of the above. */
void document_lint_conditions(const struct value *conditions, struct report *report);

/* Whether some condition operator has that key; "op" NULL: any. */
const struct value *document_condition_find(const struct value *conditions,
					    const char *op, const char *key);

#endif
