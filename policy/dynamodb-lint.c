/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "policy/dynamodb-warnings.h"
#include "policy/dynamodb.h"
#include "policy/lint-pattern.h"

struct linter {
	const struct scope *scope;
	const struct dynamodb_access *access;
	struct report *report;
};

static bool has(const struct linter *linter, const char *action)
{
	return linter->access->all_actions ||
	       words_have(&linter->access->actions, action);
}

static void lint_rows(const struct linter *linter)
{
	const struct words *keys = &linter->access->leading_keys;

	for (size_t i = 0; i < keys->count; i++) {
		lint_pattern(linter->scope, keys->list[i],
			     linter->access->leading_keys_line, "rows", linter->report);
		if (keys->list[i][0] == '*' || keys->list[i][0] == '?')
			report_warning(
			    linter->report, linter->access->leading_keys_line,
			    "a key that begins with what it is about",
			    "\"%s\" begins with a wildcard and matches keys of "
			    "anybody's choosing",
			    TEXT_ESCAPED(keys->list[i]));
	}
	if (!linter->access->is_deny && keys->count > 0 &&
	    (has(linter, "Query") || has(linter, "PartiQLSelect")) &&
	    (linter->access->indexes.count > 0 || dynamodb_open_table(linter->access)))
		warn_of_rows_on_indexes(linter->report,
					linter->access->leading_keys_line);
	if (linter->access->is_deny && keys->count > 0)
		report_warning(
		    linter->report, linter->access->leading_keys_line,
		    "an allow of the rows that are meant",
		    "streams, exports and backups hold the denied rows too, and no "
		    "leading key goes with these; scans and indexes are denied whole");
}

static void lint_keys(const struct linter *linter)
{
	const struct dynamodb_access *access = linter->access;

	if (access->attributes.count == 0 && access->except_attributes.count == 0) {
		if (access->keys.count > 0)
			report_warning(linter->report, access->line, "no keys",
				       "keys are only looked at with attributes");
		return;
	}
	if (access->keys.count == 0 && access->attributes.count > 0)
		report_warning(
		    linter->report, access->attributes_line,
		    "keys: [PARTITION_KEY, SORT_KEY], of the indexes too",
		    "the table's key attributes are not named, so nobody checks "
		    "that they are among the attributes; without them every "
		    "request is refused");
	for (size_t i = 0; i < access->keys.count; i++) {
		const char *key = access->keys.list[i];

		if (access->attributes.count > 0
			? !words_have(&access->attributes, key)
			: words_have(&access->except_attributes, key))
			report_error(
			    linter->report, access->attributes_line,
			    "the key attributes among the attributes",
			    "the key attribute %s is missing from the attributes: "
			    "AWS counts it in every request, so all would be refused",
			    TEXT_ESCAPED(key));
	}
}

/* Whether a call may carry a condition, and so give back the item that fails it. */
static bool has_conditions(const struct linter *linter)
{
	const struct words *actions = &linter->access->actions;

	for (size_t i = 0; i < actions->count; i++)
		if (action_has_condition(dynamodb_action(actions->list[i])))
			return true;
	return false;
}

static void lint_columns(const struct linter *linter)
{
	const struct dynamodb_access *access = linter->access;

	lint_keys(linter);
	if (access->attributes.count + access->except_attributes.count == 0)
		return;
	if (access->except_attributes.count > 0)
		report_warning(linter->report, access->attributes_line,
			       "attributes: the list of what may be seen",
			       "a list of what is not to be seen: an attribute that is "
			       "added tomorrow is open at once");
	if (has(linter, "Scan"))
		warn_of_scan_with_columns(linter->report, access->actions_line);
	if (has(linter, "PutItem") || has(linter, "BatchWriteItem"))
		report_warning(
		    linter->report, access->actions_line, "UpdateItem alone for writing",
		    "PutItem replaces the whole item: attributes that may not be "
		    "seen are lost");
	if (has_conditions(linter))
		warn_of_failed_conditions(linter->report, access->actions_line);
}

static void lint_tables(const struct linter *linter)
{
	const struct dynamodb_access *access = linter->access;

	for (size_t i = 0; i < access->tables.count; i++) {
		lint_pattern(linter->scope, access->tables.list[i], access->tables_line,
			     "tables", linter->report);
		lint_table_name(linter->scope, access->tables.list[i],
				access->tables_line, linter->report);
	}
	if (!access->is_deny && words_have(&access->tables, "*"))
		report_warning(linter->report, access->tables_line,
			       "the tables by name, or a prefix: orders-*",
			       "table \"*\" opens every table of the account, those of "
			       "tomorrow too");
}

static void lint_reach(const struct linter *linter)
{
	const struct dynamodb_access *access = linter->access;

	for (size_t i = 0; i < access->actions.count; i++)
		if (!access->is_deny &&
		    dynamodb_action(access->actions.list[i])->resources == 0)
			report_warning(
			    linter->report, access->actions_line,
			    "no such action, if the tables' names are known",
			    "%s can't be limited to a table: it sees the whole "
			    "account",
			    access->actions.list[i]);
	if (!access->is_deny && has(linter, "UpdateTable") && !access->all_actions)
		report_warning(
		    linter->report, access->actions_line, "DescribeTable alone",
		    "UpdateTable also drops indexes, opens streams and lifts the "
		    "deletion protection: AWS has no condition key for the "
		    "capacity alone");
	if (!access->is_deny && has(linter, "PartiQLSelect") && access->full_table_scan)
		report_warning(linter->report, access->actions_line,
			       "no Scan among the actions: then PartiQL needs a key",
			       "PartiQL may read the full table, as Scan may");
}

/* Whether a deny is about each of the tables that an allow names. */
static bool has_its_tables(const struct dynamodb_access *deny,
			   const struct dynamodb_access *allow)
{
	if (words_have(&deny->tables, "*"))
		return true;
	for (size_t i = 0; i < allow->tables.count; i++)
		if (!words_have(&deny->tables, allow->tables.list[i]))
			return false;
	return true;
}

/* Whether some deny of the scope closes that action on all that it is allowed on. */
static bool is_denied(const struct linter *linter, const char *action)
{
	for (size_t i = 0; i < linter->scope->count; i++) {
		const struct statement *statement = &linter->scope->statements[i];
		const struct dynamodb_access *deny = statement->access;

		if (statement->service == &service_dynamodb && statement->is_deny &&
		    words_have(&deny->actions, action) &&
		    has_its_tables(deny, linter->access))
			return true;
	}
	return false;
}

/* What is done in the session and holds for longer than it. */
static void lint_lasting(const struct linter *linter)
{
	if (linter->access->is_deny || !has(linter, "PutResourcePolicy") ||
	    is_denied(linter, "PutResourcePolicy"))
		return;
	report_warning(
	    linter->report, linter->access->actions_line,
	    "- deny: { dynamodb: { table: \"*\", actions: PutResourcePolicy } }",
	    "PutResourcePolicy can open a table to anybody, and that holds after the "
	    "session's end");
}

static bool allows_everything(const struct scope *scope)
{
	for (size_t i = 0; i < scope->count; i++) {
		const struct dynamodb_access *access = scope->statements[i].access;

		if (scope->statements[i].service == &service_dynamodb &&
		    !access->is_deny && access->all_actions)
			return true;
	}
	return false;
}

/* Items leave a table by other doors than Query. */
static void lint_ways_round(const struct linter *linter)
{
	const struct dynamodb_access *access = linter->access;

	if (access->is_deny && !access->all_actions && access->leading_keys.count == 0 &&
	    (has(linter, "GetItem") || has(linter, "Query") || has(linter, "Scan")) &&
	    !has(linter, "ExportTableToPointInTime") && allows_everything(linter->scope))
		report_warning(
		    linter->report, access->actions_line,
		    "the deny without actions: it then denies all of them",
		    "reading is denied and the rest is allowed: an export, a stream, a "
		    "backup or a restore hands out the same items");
}

void dynamodb_lint(const struct scope *scope, const struct statement *statement,
		   struct report *report)
{
	const struct linter linter = { scope, statement->access, report };

	lint_tables(&linter);
	lint_rows(&linter);
	lint_columns(&linter);
	lint_reach(&linter);
	lint_lasting(&linter);
	lint_ways_round(&linter);
}
