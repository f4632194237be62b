/* SPDX-License-Identifier: MIT */
#ifndef POLICY_DYNAMODB_WARNINGS_H
#define POLICY_DYNAMODB_WARNINGS_H

#include "policy/report.h"

/*
 * What AWS lets through whatever a policy says: the same of an entry in words and of
 * a document written by hand.
 */

/* Rows, where a Query can reach an index. */
void warn_of_rows_on_indexes(struct report *report, unsigned int line);

/* Columns with a Scan. */
void warn_of_scan_with_columns(struct report *report, unsigned int line);

/* Columns with an action that action_has_condition(). */
void warn_of_failed_conditions(struct report *report, unsigned int line);

#endif
