/* SPDX-License-Identifier: MIT */
#include "policy/document-lint.h"

#include <string.h>

#include "base/text.h"
#include "policy/document-access.h"
#include "policy/dynamodb.h"
#include "policy/lint-pattern.h"

#define ALPHANUMERIC "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static const char *const statement_keys[] = { "Sid",       "Effect",   "Action",
					      "NotAction", "Resource", "NotResource",
					      "Condition" };

static void check_keys(const struct value *statement, struct report *report)
{
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
}

static void check_sid(const struct value *sid, struct report *report)
{
	if (sid && (sid->kind != VALUE_TEXT ||
		    strspn(sid->text, ALPHANUMERIC) != strlen(sid->text)))
		report_error(report, sid->line, "Sid: ReadInvoices",
			     "IAM takes letters and digits in a Sid, and no others");
}

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
	check_keys(statement, report);
	check_sid(value_get(statement, "Sid"), report);
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

void document_each_text(const struct document_lint *lint, const struct value *value,
			void (*check)(const struct document_lint *lint,
				      const struct value *text))
{
	const struct value *each;

	for (size_t i = 0; (each = value_at(value, i)); i++)
		if (each->kind == VALUE_TEXT)
			check(lint, each);
		else
			report_error(lint->report, each->line, NULL,
				     "a text%s is expected here",
				     each == value ? " or a list of texts" : "");
	if (value->kind == VALUE_LIST && value->count == 0)
		report_error(lint->report, value->line, NULL,
			     "a text or a list of texts is expected here");
}

bool document_names_action(const struct value *actions, const char *name)
{
	const struct value *each;

	for (size_t i = 0; (each = value_at(actions, i)); i++)
		if (each->kind == VALUE_TEXT && document_action_matches(each->text, name))
			return true;
	return false;
}

static bool is_known_dynamodb(const char *pattern)
{
	char name[DYNAMODB_NAME_SIZE];

	for (size_t i = 0; i < dynamodb_action_count; i++)
		if (document_action_matches(
			pattern, dynamodb_full_name(&dynamodb_actions[i], name)))
			return true;
	return false;
}

static bool is_action(const char *text)
{
	size_t service = strspn(text, ALPHANUMERIC "-");

	return service > 0 && text[service] == ':' && text[service + 1] &&
	       !text[service + 1 + strspn(text + service + 1, ALPHANUMERIC "-*?")];
}

/* "*" denies everything, or with NotAction allows nothing, as one would think. */
static void check_action(const struct document_lint *lint, const struct value *action)
{
	const char *text = action->text;
	bool opens = !lint->is_deny && value_get(lint->statement, "Action");
	struct report *report = lint->report;

	if (strcmp(text, "*") != 0 && !is_action(text))
		report_error(report, action->line, "service:Action, as s3:GetObject",
			     "\"%s\" is not an action", TEXT_ESCAPED(text));
	else if (strncasecmp(text, "dynamodb:", strlen("dynamodb:")) == 0 &&
		 !is_known_dynamodb(text))
		report_error(report, action->line, "an action that exists",
			     "DynamoDB has no action called %s",
			     TEXT_ESCAPED(text + strlen("dynamodb:")));
	else if (opens && strcmp(text, "*") == 0)
		report_warning(report, action->line, "the actions that are needed",
			       "Action \"*\" is every action of every service");
	else if (opens && strcmp(text + strcspn(text, ":"), ":*") == 0)
		report_warning(
		    report, action->line, "the actions that are needed",
		    "\"%s\" is every action of the service, those of tomorrow too",
		    TEXT_ESCAPED(text));
}

/* What stands behind "table/" in an ARN of DynamoDB; NULL: it is none. */
static const char *table_of(const char *arn)
{
	const char *table = strstr(arn, ":table/");

	return table && strstr(arn, ":dynamodb:") ? table + strlen(":table/") : NULL;
}

/* DynamoDB's table names in an ARN; the rest of ARNs differ by service. */
static void check_table(const struct document_lint *lint, const struct value *resource)
{
	const char *table = table_of(resource->text), *star;
	size_t length = table ? strcspn(table, "/") : 0;

	if (!table)
		return;
	star = strchr(table, '*');
	if (strcspn(table, "*?$") >= length &&
	    (length < 3 || length > 255 || strspn(table, ALPHANUMERIC "_.-") < length))
		report_error(lint->report, resource->line,
			     "3 to 255 letters, digits, '_', '-' and '.'",
			     "no table can have the name in \"%s\"",
			     TEXT_ESCAPED(resource->text));
	if (lint->is_deny)
		return;
	if (star && star < table + length && star[1] && !strchr(star, '/'))
		report_warning(
		    lint->report, resource->line,
		    "the * at the end, or the names one by one",
		    "a * before the end of \"%s\" also matches an index of any other "
		    "table whose name ends so, and opens that table's rows",
		    TEXT_ESCAPED(resource->text));
	lint_table_name(lint->scope, table, resource->line, lint->report);
}

static void check_resource(const struct document_lint *lint, const struct value *resource)
{
	bool opens = !lint->is_deny && value_get(lint->statement, "Resource");

	if (strcmp(resource->text, "*") == 0 && opens)
		report_warning(lint->report, resource->line, "the ARNs that are needed",
			       "Resource \"*\" is everything in the account, and what "
			       "comes tomorrow");
	else if (strcmp(resource->text, "*") != 0 &&
		 strncmp(resource->text, "arn:", 4) != 0)
		report_error(lint->report, resource->line,
			     "arn:aws:service:region:account:name",
			     "\"%s\" is not an ARN", TEXT_ESCAPED(resource->text));
	check_table(lint, resource);
	if (opens)
		lint_pattern(lint->scope, resource->text, resource->line, "resources",
			     lint->report);
}

bool document_lint_statement(const struct scope *scope, const struct value *statements,
			     const struct value *statement, struct report *report)
{
	struct document_lint lint = { scope, statements, statement, false, report };
	const struct value *actions, *resources, *conditions;

	if (!check_form(statement, report))
		return false;
	lint.is_deny = value_is_text(value_get(statement, "Effect"), "Deny");
	actions = value_get(statement, "Action");
	resources = value_get(statement, "Resource");
	conditions = value_get(statement, "Condition");
	document_each_text(&lint, actions ? actions : value_get(statement, "NotAction"),
			   check_action);
	document_each_text(&lint,
			   resources ? resources : value_get(statement, "NotResource"),
			   check_resource);
	if (conditions)
		document_lint_conditions(&lint, conditions);
	document_lint_traps(&lint);
	return true;
}
