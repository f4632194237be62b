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
 * where a tenant may be called acme-2.
 */
static void lint_prefix(const struct linter *linter, const char *key)
{
	const char *start, *name;
	int length;

	for (const char *rest = key;
	     (length = text_next_variable(rest, &start, &name)) > 0;
	     rest = name + length + 1) {
		const struct scope_parameter *parameter = scope_parameter(
		    linter->scope, name, (size_t)length);
		const unsigned char after = (unsigned char)name[length + 1];
		struct pattern_facts facts;

		if (!parameter || !strpbrk(name + length + 1, "*?") ||
		    pattern_examine(parameter->pattern, &facts) < 0)
			continue;
		if (after == '*' || after == '?')
			report_warning(
			    linter->report, linter->access->leading_keys_line,
			    "a separator before the *: \"${NAME}#*\"",
			    "\"%s\" also opens the rows of every value that begins "
			    "with this one: acme* matches acme2",
			    TEXT_ESCAPED(key));
		else if (facts.characters[after])
			report_warning(
			    linter->report, linter->access->leading_keys_line,
			    "a separator that the parameter's pattern leaves out",
			    "\"%s\": the pattern of %s allows '%c', so one value's "
			    "rows can lie inside another's",
			    TEXT_ESCAPED(key), parameter->name, after);
	}
}

static void lint_rows(const struct linter *linter)
{
	const struct words *keys = &linter->access->leading_keys;

	for (size_t i = 0; i < keys->count; i++) {
		lint_prefix(linter, keys->list[i]);
		if (keys->list[i][0] == '*' || keys->list[i][0] == '?')
			report_warning(
			    linter->report, linter->access->leading_keys_line,
			    "a key that begins with what it is about",
			    "\"%s\" begins with a wildcard and matches keys of "
			    "anybody's choosing",
			    TEXT_ESCAPED(keys->list[i]));
	}
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

static void lint_tables(const struct linter *linter)
{
	const struct dynamodb_access *access = linter->access;

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

void dynamodb_lint(const struct scope *scope, const struct statement *statement,
		   struct report *report)
{
	const struct linter linter = { scope, statement->access, report };

	lint_tables(&linter);
	lint_rows(&linter);
	lint_columns(&linter);
	lint_reach(&linter);
}
