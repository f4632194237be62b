/* SPDX-License-Identifier: MIT */
#include "policy/document-lint.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "policy/dynamodb.h"

static const char *const statement_keys[] = { "Sid",       "Effect",   "Action",
					      "NotAction", "Resource", "NotResource",
					      "Condition" };

static bool check_form(const struct value *statement, struct report *report)
{
	unsigned int before = report->errors;
	const struct value *effect;

	if (statement->kind != VALUE_MAP) {
		report_error(report, statement->line,
			     "{ Effect: Allow, Action: ..., Resource: ... }",
			     "a policy statement is a map");
		return false;
	}
	for (size_t i = 0; i < statement->count; i++) {
		size_t known = 0;

		for (size_t k = 0; k < sizeof(statement_keys) / sizeof(*statement_keys);
		     k++)
			known += strcmp(statement_keys[k], statement->keys[i]) == 0;
		if (known == 0)
			report_error(report, statement->items[i]->line,
				     "Effect, Action, Resource, Condition",
				     "a role's policy statement has no key \"%s\"",
				     TEXT_ESCAPED(statement->keys[i]));
	}
	effect = value_get(statement, "Effect");
	if (!effect ||
	    (!value_is_text(effect, "Allow") && !value_is_text(effect, "Deny")))
		report_error(report, effect ? effect->line : statement->line,
			     "Effect: Allow", "a statement needs Effect: Allow or Deny");
	if (!value_get(statement, "Action") == !value_get(statement, "NotAction"))
		report_error(report, statement->line, "Action: service:Name",
			     "a statement needs one of Action and NotAction");
	if (!value_get(statement, "Resource") == !value_get(statement, "NotResource"))
		report_error(report, statement->line, "Resource: ARN",
			     "a statement needs one of Resource and NotResource");
	return report->errors == before;
}

/* Runs check on a text or each text of a list; anything else is an error. */
static void each_text(const struct value *value,
		      void (*check)(const struct value *text, struct report *report),
		      struct report *report)
{
	for (size_t i = 0; value->kind == VALUE_LIST && i < value->count; i++)
		if (value->items[i]->kind == VALUE_TEXT)
			check(value->items[i], report);
		else
			report_error(report, value->items[i]->line, NULL,
				     "a text is expected here");
	if (value->kind == VALUE_TEXT)
		check(value, report);
	else if (value->kind == VALUE_MAP || value->count == 0)
		report_error(report, value->line, NULL,
			     "a text or a list of texts is expected here");
}

/* IAM compares actions without regard to case. */
static bool pattern_matches(const char *pattern, const char *name)
{
	char lowered[256], bound[256];
	size_t i;

	for (i = 0; i < sizeof(bound) - 1 && pattern[i]; i++) {
		bound[i] = (char)tolower((unsigned char)pattern[i]);
		if (pattern[i] == '*')
			bound[i] = ANY_RUN;
		else if (pattern[i] == '?')
			bound[i] = ANY_ONE;
	}
	bound[i] = '\0';
	for (i = 0; i < sizeof(lowered) - 1 && name[i]; i++)
		lowered[i] = (char)tolower((unsigned char)name[i]);
	lowered[i] = '\0';
	return text_matches(bound, lowered);
}

static bool is_known_dynamodb(const char *pattern)
{
	for (size_t i = 0; i < dynamodb_action_count; i++)
		if (pattern_matches(pattern, dynamodb_actions[i].name))
			return true;
	return false;
}

static void check_action(const struct value *action, struct report *report)
{
	const char *colon = strchr(action->text, ':');

	if (strcmp(action->text, "*") == 0)
		report_warning(report, action->line, "the actions that are needed",
			       "Action \"*\" is every action of every service");
	else if (!colon || colon == action->text || !colon[1] ||
		 strspn(action->text, "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") !=
		     (size_t)(colon - action->text))
		report_error(report, action->line, "service:Action, as s3:GetObject",
			     "\"%s\" is not an action", TEXT_ESCAPED(action->text));
	else if (strncasecmp(action->text, "dynamodb:", strlen("dynamodb:")) == 0 &&
		 !is_known_dynamodb(colon + 1))
		report_error(report, action->line, "an action that exists",
			     "DynamoDB has no action called %s", TEXT_ESCAPED(colon + 1));
	else if (strcmp(colon, ":*") == 0)
		report_warning(
		    report, action->line, "the actions that are needed",
		    "\"%s\" is every action of the service, those of tomorrow too",
		    TEXT_ESCAPED(action->text));
}

/* DynamoDB's table names in an ARN; the rest of ARNs differ by service. */
static void check_table_arn(const struct value *resource, struct report *report)
{
	const char *table = strstr(resource->text, ":table/");
	size_t length = 0;
	bool is_wild = false;

	if (strncmp(resource->text, "arn:", 4) != 0 ||
	    !strstr(resource->text, ":dynamodb:") || !table)
		return;
	for (table += strlen(":table/"); table[length] && table[length] != '/'; length++)
		is_wild = is_wild || strchr("*?$", table[length]);
	if (!is_wild &&
	    (length < 3 || length > 255 ||
	     strspn(table, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789_.-") < length))
		report_error(
		    report, resource->line, "3 to 255 letters, digits, '_', '-' and '.'",
		    "no table can have the name in \"%s\"", TEXT_ESCAPED(resource->text));
}

static void check_resource(const struct value *resource, struct report *report)
{
	if (strcmp(resource->text, "*") == 0)
		report_warning(report, resource->line, "the ARNs that are needed",
			       "Resource \"*\" is everything in the account, and what "
			       "comes tomorrow");
	else if (strncmp(resource->text, "arn:", 4) != 0)
		report_error(report, resource->line,
			     "arn:aws:service:region:account:name",
			     "\"%s\" is not an ARN", TEXT_ESCAPED(resource->text));
	check_table_arn(resource, report);
}

static bool names_action(const struct value *actions, const char *name)
{
	if (actions->kind == VALUE_TEXT)
		return pattern_matches(actions->text, name);
	for (size_t i = 0; i < actions->count; i++)
		if (actions->items[i]->kind == VALUE_TEXT &&
		    pattern_matches(actions->items[i]->text, name))
			return true;
	return false;
}

static void lint_scan(const struct value *actions, const struct value *conditions,
		      struct report *report)
{
	bool has_rows = document_condition_find(conditions, NULL, "dynamodb:LeadingKeys");
	bool has_columns = document_condition_find(conditions, NULL,
						   "dynamodb:Attributes");

	if (has_rows && names_action(actions, "dynamodb:Scan"))
		report_error(
		    report, actions->line, "Query and GetItem",
		    "Scan with rows: no leading key goes with a Scan, so it returns "
		    "every row or is never allowed");
	else if (has_columns && names_action(actions, "dynamodb:Scan"))
		report_warning(report, actions->line, "Query and GetItem alone",
			       "Scan with columns: it reads them in every row of the "
			       "table");
	if (names_action(actions, "dynamodb:PartiQLSelect") &&
	    !document_condition_find(conditions, NULL, "dynamodb:FullTableScan") &&
	    !has_rows)
		report_warning(
		    report, actions->line,
		    "Condition: { Bool: { dynamodb:FullTableScan: \"false\" } }",
		    "PartiQLSelect without a condition on FullTableScan reads the "
		    "whole table");
}

static void lint_columns(const struct value *actions, const struct value *conditions,
			 struct report *report)
{
	if (!document_condition_find(conditions, NULL, "dynamodb:Attributes"))
		return;
	if (!document_condition_find(conditions, NULL, "dynamodb:Select") &&
	    (names_action(actions, "dynamodb:Query") ||
	     names_action(actions, "dynamodb:Scan") ||
	     names_action(actions, "dynamodb:PartiQLSelect") ||
	     names_action(actions, "dynamodb:GetItem") ||
	     names_action(actions, "dynamodb:BatchGetItem")))
		report_error(
		    report, conditions->line,
		    "StringEqualsIfExists: { dynamodb:Select: SPECIFIC_ATTRIBUTES }",
		    "columns without a condition on Select: a request that names no "
		    "attributes returns all of them");
	if (!document_condition_find(conditions, NULL, "dynamodb:ReturnValues") &&
	    (names_action(actions, "dynamodb:UpdateItem") ||
	     names_action(actions, "dynamodb:PutItem") ||
	     names_action(actions, "dynamodb:DeleteItem")))
		report_error(report, conditions->line,
			     "StringEqualsIfExists: { dynamodb:ReturnValues: "
			     "[NONE, UPDATED_OLD, UPDATED_NEW] }",
			     "columns without a condition on ReturnValues: a write with "
			     "ALL_OLD or ALL_NEW returns the whole item");
}

static void lint_negations(const struct value *statement, struct report *report)
{
	const struct value *not_action = value_get(statement, "NotAction");
	const struct value *not_resource = value_get(statement, "NotResource");

	if (not_action)
		report_warning(report, not_action->line, "Action",
			       "Allow with NotAction opens every action of every service "
			       "that is not named");
	if (not_resource)
		report_warning(
		    report, not_resource->line, "Resource",
		    "Allow with NotResource opens everything that is not named");
}

bool document_lint_statement(const struct value *statement, struct report *report)
{
	const struct value *actions, *resources, *conditions;

	if (!check_form(statement, report))
		return false;
	actions = value_get(statement, "Action");
	resources = value_get(statement, "Resource");
	conditions = value_get(statement, "Condition");
	each_text(actions ? actions : value_get(statement, "NotAction"), check_action,
		  report);
	if (conditions)
		document_lint_conditions(conditions, report);
	if (value_is_text(value_get(statement, "Effect"), "Deny"))
		return true;
	each_text(resources ? resources : value_get(statement, "NotResource"),
		  check_resource, report);
	lint_negations(statement, report);
	if (conditions && conditions->kind != VALUE_MAP)
		conditions = NULL; /* said above */
	if (actions)
		lint_scan(actions, conditions, report);
	if (actions && conditions)
		lint_columns(actions, conditions, report);
	return true;
}
