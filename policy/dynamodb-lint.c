/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "policy/dynamodb.h"
#include "policy/pattern.h"

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

/*
 * "${tenant}*" with tenant = acme also matches acme2; "${tenant}-*" does
 * where a tenant may be called acme-2, and "${tenant}-${shop}" is one text
 * for more than one pair.
 */
static void lint_prefix(const struct linter *linter, const char *text, unsigned int line,
			const char *what)
{
	const char *start, *name;
	int length;

	for (const char *rest = text;
	     (length = text_next_variable(rest, &start, &name)) > 0;
	     rest = name + length + 1) {
		const struct scope_parameter *parameter = scope_parameter(
		    linter->scope, name, (size_t)length);
		const char *after = name + length + 1;
		struct pattern_facts facts;

		if (!parameter || !(strpbrk(after, "*?") || strstr(after, "${")) ||
		    pattern_examine(parameter->pattern, &facts) < 0)
			continue;
		if (strchr("*?$", *after))
			report_warning(linter->report, line,
				       "a separator behind it: \"${NAME}#*\"",
				       "\"%s\" also opens the %s of every value that "
				       "begins with this one: acme* matches acme2",
				       TEXT_ESCAPED(text), what);
		else if (facts.characters[(unsigned char)*after])
			report_warning(
			    linter->report, line,
			    "a separator that the parameter's pattern leaves out",
			    "\"%s\": the pattern of %s allows '%c', so one value's "
			    "%s can lie inside another's",
			    TEXT_ESCAPED(text), parameter->name, *after, what);
	}
}

static bool has_open_table(const struct linter *linter)
{
	for (size_t i = 0; i < linter->access->tables.count; i++)
		if (strchr(linter->access->tables.list[i], '*'))
			return true;
	return false;
}

static void lint_rows(const struct linter *linter)
{
	const struct words *keys = &linter->access->leading_keys;

	for (size_t i = 0; i < keys->count; i++) {
		lint_prefix(linter, keys->list[i], linter->access->leading_keys_line,
			    "rows");
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
	    (linter->access->indexes.count > 0 || has_open_table(linter)))
		report_warning(
		    linter->report, linter->access->leading_keys_line,
		    "indexes with the table's own partition key, or none",
		    "on an index the leading key is the partition key of that index: "
		    "whoever writes that attribute says whose row it is there");
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
		report_warning(linter->report, access->actions_line,
			       "Query and GetItem alone",
			       "Scan with columns: it reads them in every row of the "
			       "table");
	if (has(linter, "PutItem") || has(linter, "BatchWriteItem"))
		report_warning(
		    linter->report, access->actions_line, "UpdateItem alone for writing",
		    "PutItem replaces the whole item: attributes that may not be "
		    "seen are lost");
	if (has(linter, "PutItem") || has(linter, "UpdateItem") ||
	    has(linter, "DeleteItem"))
		report_warning(
		    linter->report, access->actions_line,
		    "read alone, or columns in a table of their own",
		    "a write whose condition fails can return the whole old item "
		    "(ReturnValuesOnConditionCheckFailure), and AWS has no "
		    "condition key for it");
}

/* What stands behind a table's name and a '/' in an ARN is an index, a stream... */
static void lint_table_parameters(const struct linter *linter, const char *table)
{
	const char *start, *name;
	int length;

	for (; (length = text_next_variable(table, &start, &name)) > 0;
	     table = name + length + 1) {
		const struct scope_parameter *parameter = scope_parameter(
		    linter->scope, name, (size_t)length);
		struct pattern_facts facts;

		if (parameter && pattern_examine(parameter->pattern, &facts) == 0 &&
		    facts.characters['/'])
			report_error(
			    linter->report, linter->access->tables_line,
			    "a pattern without /",
			    "the pattern of %s allows '/': in a table's name it would "
			    "reach the indexes of other tables",
			    parameter->name);
	}
}

static void lint_tables(const struct linter *linter)
{
	const struct dynamodb_access *access = linter->access;

	for (size_t i = 0; i < access->tables.count; i++) {
		lint_prefix(linter, access->tables.list[i], access->tables_line,
			    "tables");
		lint_table_parameters(linter, access->tables.list[i]);
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

/* Whether some deny of the scope closes that action. */
static bool is_denied(const struct scope *scope, const char *action)
{
	for (size_t i = 0; i < scope->count; i++) {
		const struct dynamodb_access *access = scope->statements[i].access;

		if (scope->statements[i].service == &service_dynamodb &&
		    access->is_deny && words_have(&access->actions, action))
			return true;
	}
	return false;
}

/* What is done in the session and holds for longer than it. */
static void lint_lasting(const struct linter *linter)
{
	if (linter->access->is_deny || !has(linter, "PutResourcePolicy") ||
	    is_denied(linter->scope, "PutResourcePolicy"))
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
