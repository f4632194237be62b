/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "policy/condition.h"
#include "policy/document-lint.h"
#include "policy/dynamodb-warnings.h"
#include "policy/dynamodb.h"

/*
 * The traps of fine-grained access: each is a request that the statement seems to
 * keep out, or a Deny to catch, held against its own conditions.
 */
#define LEADING_KEYS "dynamodb:LeadingKeys"
#define ATTRIBUTES "dynamodb:Attributes"

static const struct value *conditions_of(const struct value *statement)
{
	const struct value *conditions = value_get(statement, "Condition");

	return conditions && conditions->kind == VALUE_MAP ? conditions : NULL;
}

/* Whether one condition of the statement holds for a request. */
static bool holds(const struct document_lint *lint, const char *op, const char *key,
		  const struct value *wanted, const struct asked *asked)
{
	json_auto_t *condition = json_pack("{s:{s:o}}", op, key, value_json(wanted));
	struct condition_note note;

	if (!condition)
		report_failure(lint->report, -ENOMEM);
	return condition && conditions_hold(condition, asked, &note);
}

/* Whether all that a statement says of one key holds for a request; so does silence. */
static bool lets_through(const struct document_lint *lint, const char *key,
			 const struct asked *asked)
{
	const struct value *conditions = conditions_of(lint->statement);

	for (size_t i = 0; conditions && i < conditions->count; i++) {
		const struct value *keys = conditions->items[i];

		for (size_t k = 0; keys->kind == VALUE_MAP && k < keys->count; k++)
			if (strcasecmp(keys->keys[k], key) == 0 &&
			    !holds(lint, conditions->keys[i], keys->keys[k],
				   keys->items[k], asked))
				return false;
	}
	return true;
}

static struct asked request_of(const char *action)
{
	return (struct asked){ .action = action,
			       .region = "",
			       .account_id = "",
			       .leading_keys = { .is_missing = true },
			       .attributes = { .is_missing = true } };
}

/* The first action of DynamoDB that the statement names and that is such a one. */
static const struct dynamodb_action *
named_action(const struct document_lint *lint,
	     bool (*is_such)(const struct dynamodb_action *action))
{
	const struct value *actions = value_get(lint->statement, "Action");
	char name[DYNAMODB_NAME_SIZE];

	for (size_t i = 0; actions && i < dynamodb_action_count; i++) {
		if (is_such(&dynamodb_actions[i]) &&
		    document_names_action(actions,
					  dynamodb_full_name(&dynamodb_actions[i], name)))
			return &dynamodb_actions[i];
	}
	return NULL;
}

static bool is_scan(const struct dynamodb_action *action)
{
	return strcmp(action->name, "Scan") == 0;
}

static bool is_partiql_select(const struct dynamodb_action *action)
{
	return strcmp(action->name, "PartiQLSelect") == 0;
}

static bool is_query(const struct dynamodb_action *action)
{
	return strcmp(action->name, "Query") == 0 || is_partiql_select(action);
}

static bool has_select(const struct dynamodb_action *action)
{
	return action->keys & KEY_SELECT;
}

static bool has_return_values(const struct dynamodb_action *action)
{
	return action->keys & KEY_RETURN_VALUES && action->level == LEVEL_WRITE;
}

/* The line to tell of actions. */
static unsigned int actions_line(const struct document_lint *lint)
{
	return value_get(lint->statement, "Action")->line;
}

static void lint_scan(const struct document_lint *lint, bool has_rows, bool has_columns)
{
	struct asked full = request_of("dynamodb:PartiQLSelect");

	full.full_table_scan = ANSWER_YES;
	if (has_rows && named_action(lint, is_scan))
		report_error(lint->report, actions_line(lint), "Query and GetItem",
			     "Scan with rows: no leading key goes with a Scan, so it "
			     "returns every row or is never allowed");
	else if (has_columns && named_action(lint, is_scan))
		warn_of_scan_with_columns(lint->report, actions_line(lint));
	if (!has_rows && named_action(lint, is_partiql_select) &&
	    lets_through(lint, "dynamodb:FullTableScan", &full))
		report_warning(
		    lint->report, actions_line(lint),
		    "Condition: { Bool: { dynamodb:FullTableScan: \"false\" } }",
		    "PartiQLSelect without a condition on FullTableScan reads the "
		    "whole table");
}

/* Whether one of its resources can be an index. */
static bool reaches_indexes(const struct value *resources)
{
	const struct value *each;

	for (size_t i = 0; (each = value_at(resources, i)); i++)
		if (each->kind == VALUE_TEXT &&
		    (strchr(each->text, '*') || strstr(each->text, "/index/")))
			return true;
	return false;
}

static void lint_rows(const struct document_lint *lint)
{
	const struct value *resources = value_get(lint->statement, "Resource");

	if (resources && reaches_indexes(resources) && named_action(lint, is_query))
		warn_of_rows_on_indexes(lint->report, resources->line);
}

static bool may_select(const struct document_lint *lint, const char *select)
{
	struct asked asked = request_of("dynamodb:Query");

	asked.select = select;
	return lets_through(lint, "dynamodb:Select", &asked);
}

static bool may_return(const struct document_lint *lint, const char *values)
{
	struct asked asked = request_of("dynamodb:UpdateItem");

	asked.return_values = values;
	return lets_through(lint, "dynamodb:ReturnValues", &asked);
}

static void lint_columns(const struct document_lint *lint)
{
	unsigned int line = value_get(lint->statement, "Condition")->line;

	if (named_action(lint, has_select) &&
	    (may_select(lint, "ALL_ATTRIBUTES") ||
	     may_select(lint, "ALL_PROJECTED_ATTRIBUTES")))
		report_error(
		    lint->report, line,
		    "StringEqualsIfExists: { dynamodb:Select: SPECIFIC_ATTRIBUTES }",
		    "columns without a condition on Select that keeps out all but "
		    "SPECIFIC_ATTRIBUTES: a request that names no attributes returns all "
		    "of them");
	else if (named_action(lint, is_partiql_select) && may_select(lint, NULL))
		report_warning(
		    lint->report, line,
		    "StringEquals: { dynamodb:Select: SPECIFIC_ATTRIBUTES }, for "
		    "PartiQLSelect alone",
		    "AWS does not say that PartiQL's SELECT * carries a Select, and it "
		    "names no attribute");
	if (named_action(lint, has_return_values) &&
	    (may_return(lint, "ALL_OLD") || may_return(lint, "ALL_NEW")))
		report_error(lint->report, line,
			     "StringEqualsIfExists: { dynamodb:ReturnValues: "
			     "[NONE, UPDATED_OLD, UPDATED_NEW] }",
			     "columns without a condition on ReturnValues that keeps out "
			     "ALL_OLD and ALL_NEW: a write with these returns the whole "
			     "item");
	if (named_action(lint, action_has_condition))
		warn_of_failed_conditions(lint->report, actions_line(lint));
}

static void lint_negations(const struct document_lint *lint)
{
	const struct value *not_action = value_get(lint->statement, "NotAction");
	const struct value *not_resource = value_get(lint->statement, "NotResource");

	if (not_action)
		report_warning(lint->report, not_action->line, "Action",
			       "Allow with NotAction opens every action of every service "
			       "that is not named");
	if (not_resource)
		report_warning(
		    lint->report, not_resource->line, "Resource",
		    "Allow with NotResource opens everything that is not named");
}

/* Whether some Deny of the document is about requests that lack the key. */
static bool denies_without(const struct document_lint *lint, const char *key)
{
	const struct value *each;

	for (size_t i = 0; (each = value_at(lint->statements, i)); i++) {
		const struct value *effect = value_get(each, "Effect");

		if (effect && value_is_text(effect, "Deny") &&
		    document_says_null(conditions_of(each), key, "true"))
			return true;
	}
	return false;
}

/* A Deny that looks at a key catches nothing in a request without that key. */
static void lint_denied(const struct document_lint *lint, const char *key,
			const char *action, const char *what)
{
	const struct asked asked = request_of(action);
	const struct value *actions = value_get(lint->statement, "Action");

	if (document_condition_find(conditions_of(lint->statement), NULL, key) &&
	    (!actions || document_names_action(actions, action)) &&
	    !lets_through(lint, key, &asked) && !denies_without(lint, key))
		report_warning(lint->report, lint->statement->line,
			       "a second Deny, with Null: { KEY: \"true\" }",
			       "a %s that carries no %s is not denied, and %s",
			       action + strlen("dynamodb:"), key, what);
}

void document_lint_traps(const struct document_lint *lint)
{
	const struct value *conditions = conditions_of(lint->statement);
	bool has_rows = document_condition_find(conditions, NULL, LEADING_KEYS);
	bool has_columns = document_condition_find(conditions, NULL, ATTRIBUTES);

	if (lint->is_deny) {
		lint_denied(lint, LEADING_KEYS, "dynamodb:Scan", "returns every row");
		lint_denied(lint, ATTRIBUTES, "dynamodb:GetItem",
			    "returns all attributes");
		return;
	}
	lint_negations(lint);
	lint_scan(lint, has_rows, has_columns);
	if (has_rows)
		lint_rows(lint);
	if (has_columns && value_get(lint->statement, "Action"))
		lint_columns(lint);
}
