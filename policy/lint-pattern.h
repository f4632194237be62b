/* SPDX-License-Identifier: MIT */
#ifndef POLICY_LINT_PATTERN_H
#define POLICY_LINT_PATTERN_H

#include "policy/report.h"
#include "policy/scope.h"

/*
 * What parameters can do to a text that is a pattern: one value's rows, tables
 * or resources can lie inside another's.
 */

/*
 * "${tenant}*" with tenant = acme also matches acme2, "${tenant}-*" does where a
 * tenant may be called acme-2, "*-${tenant}" where it may be called x-acme, and
 * "${tenant}-${shop}" is one text for more than one pair.  what: "rows".
 */
void lint_pattern(const struct scope *scope, const char *text, unsigned int line,
		  const char *what, struct report *report);

/* A table's name: behind a '/' stand its indexes and streams. */
void lint_table_name(const struct scope *scope, const char *table, unsigned int line,
		     struct report *report);

#endif
