/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "policy/condition-operators.h"
#include "policy/context.h"
#include "policy/document-lint.h"
#include "policy/dynamodb.h"
#include "policy/lint-pattern.h"

/* clang-format off */
/* AWS's global condition keys; those that end with '/' take a name behind it. */
static const char *const global_keys[] = {
	"aws:AssumedRoot", "aws:CalledVia", "aws:CalledViaAWSMCP", "aws:CalledViaFirst",
	"aws:CalledViaLast", "aws:ChatbotSourceArn", "aws:CurrentTime",
	"aws:Ec2InstanceSourcePrivateIPv4", "aws:Ec2InstanceSourceVpc", "aws:EpochTime",
	"aws:FederatedProvider", "aws:IsMcpServiceAction", "aws:MultiFactorAuthAge",
	"aws:MultiFactorAuthPresent", "aws:PrincipalAccount", "aws:PrincipalArn",
	"aws:PrincipalIsAWSService", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths",
	"aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", "aws:PrincipalTag/",
	"aws:PrincipalType", "aws:RequestTag/", "aws:RequestedRegion",
	"aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths",
	"aws:ResourceTag/", "aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn",
	"aws:SourceIdentity", "aws:SourceIp", "aws:SourceOrgID", "aws:SourceOrgPaths",
	"aws:SourceOwner", "aws:SourceVpc", "aws:SourceVpcArn", "aws:SourceVpce",
	"aws:TagKeys", "aws:TokenIssueTime", "aws:UserAgent", "aws:ViaAWSMCPService",
	"aws:ViaAWSService", "aws:VpcSourceIp", "aws:VpceAccount", "aws:VpceOrgID",
	"aws:VpceOrgPaths", "aws:referer", "aws:userid", "aws:username",
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_global_key(const char *key)
{
	for (size_t i = 0; i < COUNT(global_keys); i++) {
		size_t length = strlen(global_keys[i]);

		if (global_keys[i][length - 1] == '/'
			? strncasecmp(global_keys[i], key, length) == 0 && key[length]
			: strcasecmp(global_keys[i], key) == 0)
			return true;
	}
	return false;
}

/* Those of services that have no table here are taken as they are. */
bool document_knows_key(const char *key)
{
	if (strchr(key, '$')) /* no tag has one, and IAM reads no variable there */
		return false;
	if (strncasecmp(key, "aws:", 4) == 0)
		return is_global_key(key);
	if (strncasecmp(key, "dynamodb:", 9) != 0)
		return strchr(key, ':') != NULL;
	for (const char *const *each = dynamodb_condition_keys; *each; each++)
		if (strcasecmp(*each, key + 9) == 0)
			return true;
	return false;
}

const struct value *document_condition_find(const struct value *conditions,
					    const char *op, const char *key)
{
	for (size_t i = 0;
	     conditions && conditions->kind == VALUE_MAP && i < conditions->count; i++) {
		const struct value *keys = conditions->items[i];

		if (op && strcmp(conditions->keys[i], op) != 0)
			continue;
		for (size_t k = 0; keys->kind == VALUE_MAP && k < keys->count; k++)
			if (strcasecmp(keys->keys[k], key) == 0)
				return keys->items[k];
	}
	return NULL;
}

bool document_says_null(const struct value *conditions, const char *key,
			const char *boolean)
{
	const struct value *null = document_condition_find(conditions, "Null", key);
	const struct value *first = null ? value_at(null, 0) : NULL;

	return first && first->kind == VALUE_TEXT &&
	       strcasecmp(first->text, boolean) == 0 && !value_at(null, 1);
}

/* One condition: an operator, a key and its values. */
struct condition {
	const struct value *all;
	const char *op, *key;
	const struct value *value;
	struct condition_reading reading;
};

/* Which rows, or which columns: what a request must not be let through without. */
static bool is_of_items(const char *key)
{
	static const char rows[] = "PartitionKeyValues";
	size_t length = strlen(key);

	return strcasecmp(key, "dynamodb:LeadingKeys") == 0 ||
	       strcasecmp(key, "dynamodb:Attributes") == 0 ||
	       (length > strlen(rows) &&
		strcasecmp(key + length - strlen(rows), rows) == 0);
}

/* Where a request comes from and by whom; in no request that comes another way. */
static bool is_of_origin(const char *key)
{
	static const char *const keys[] = {
		"aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:SourceIp",
		"aws:SourceVpc",          "aws:SourceVpcArn",           "aws:SourceVpce",
		"aws:VpcSourceIp",
	};

	for (size_t i = 0; i < COUNT(keys); i++)
		if (strcasecmp(keys[i], key) == 0)
			return true;
	return strncasecmp(key, "aws:PrincipalTag/", strlen("aws:PrincipalTag/")) == 0;
}

/* An Allow that holds of what it seems to keep out. */
static void lint_allow(const struct condition *condition, struct report *report)
{
	bool is_all = condition->reading.quantifier == QUANTIFIER_ALL;
	bool is_open = (is_all || condition->reading.if_exists) &&
		       !document_says_null(condition->all, condition->key, "false");
	unsigned int line = condition->value->line;

	if (is_open && (is_all || is_of_items(condition->key)))
		report_error(report, line,
			     is_all ? "add Null: { KEY: \"false\" }"
				    : "the operator without IfExists",
			     "%s on %s is true when the request does not carry that key: "
			     "a request without it would be let through",
			     is_all ? "ForAllValues" : "IfExists",
			     TEXT_ESCAPED(condition->key));
	else if (is_open && is_of_origin(condition->key))
		report_warning(report, line, "the operator without IfExists",
			       "IfExists on %s lets a request through that does not "
			       "carry it",
			       TEXT_ESCAPED(condition->key));
	if (condition->reading.quantifier == QUANTIFIER_ANY &&
	    is_of_items(condition->key))
		report_error(
		    report, line, "ForAllValues, with Null: { KEY: \"false\" }",
		    "ForAnyValue on %s is true when one of several values fits: "
		    "a batch with one such is let through whatever else it names",
		    TEXT_ESCAPED(condition->key));
}

/* A Deny that does not hold of what it seems to catch. */
static void lint_deny(const struct condition *condition, struct report *report)
{
	if (condition->reading.quantifier == QUANTIFIER_ALL &&
	    context_key_is_list(condition->key))
		report_warning(
		    report, condition->value->line, "ForAnyValue",
		    "ForAllValues on %s in a Deny holds only where every value "
		    "fits: a request with one other is not denied",
		    TEXT_ESCAPED(condition->key));
}

static void lint_value(const struct condition *condition, const struct value *value,
		       struct report *report)
{
	const char *wanted = value->kind == VALUE_TEXT
				 ? condition_misfit(condition->op, value->text)
				 : NULL;

	if (value->kind != VALUE_TEXT)
		report_error(report, value->line, NULL, "a text is expected here");
	else if (wanted && strstr(value->text, "${"))
		report_error(
		    report, value->line, "the value itself",
		    "AWS reads ${...} in conditions on texts and ARNs alone, and "
		    "%s takes %s",
		    TEXT_ESCAPED(condition->op), wanted);
	else if (wanted)
		report_error(report, value->line, NULL,
			     "%s takes %s, and \"%s\" is none: it never fits",
			     TEXT_ESCAPED(condition->op), wanted,
			     TEXT_ESCAPED(value->text));
}

static void lint_values(const struct document_lint *lint,
			const struct condition *condition)
{
	const struct value *value = condition->value, *each;
	bool is_pattern = strstr(condition->op, "Like") &&
			  !condition->reading.rule->is_negated;

	if (value->kind == VALUE_LIST && value->count == 0)
		report_error(lint->report, value->line, NULL,
			     "a text or a list of texts is expected here");
	for (size_t i = 0; (each = value_at(value, i)); i++) {
		lint_value(condition, each, lint->report);
		if (is_pattern && !lint->is_deny && each->kind == VALUE_TEXT)
			lint_pattern(lint->scope, each->text, each->line, "values",
				     lint->report);
	}
}

static void lint_condition(const struct document_lint *lint,
			   const struct condition *condition)
{
	if (!document_knows_key(condition->key))
		report_error(
		    lint->report, condition->value->line, "a condition key that exists",
		    "there is no condition key \"%s\": the condition would never "
		    "hold",
		    TEXT_ESCAPED(condition->key));
	lint_values(lint, condition);
	if (strcmp(condition->op, "Null") == 0)
		return;
	if (lint->is_deny)
		lint_deny(condition, lint->report);
	else
		lint_allow(condition, lint->report);
	if (context_key_is_list(condition->key) &&
	    condition->reading.quantifier == QUANTIFIER_NONE)
		report_warning(
		    lint->report, condition->value->line,
		    "ForAllValues or ForAnyValue before the operator",
		    "%s has several values, and %s compares with one: AWS does not say "
		    "what that allows or denies",
		    TEXT_ESCAPED(condition->key), TEXT_ESCAPED(condition->op));
}

static void lint_operator(const struct document_lint *lint,
			  const struct value *conditions, const char *op,
			  const struct value *keys)
{
	struct condition condition = { .all = conditions,
				       .op = op,
				       .reading = condition_read(op) };

	if (!condition.reading.rule)
		report_error(lint->report, keys->line, "StringEquals, StringLike, ...",
			     "there is no condition operator \"%s\"", TEXT_ESCAPED(op));
	else if (keys->kind != VALUE_MAP || keys->count == 0)
		report_error(lint->report, keys->line, "{ KEY: VALUE }",
			     "%s holds condition keys", TEXT_ESCAPED(op));
	for (size_t k = 0;
	     condition.reading.rule && keys->kind == VALUE_MAP && k < keys->count; k++) {
		condition.key = keys->keys[k];
		condition.value = keys->items[k];
		lint_condition(lint, &condition);
	}
}

void document_lint_conditions(const struct document_lint *lint,
			      const struct value *conditions)
{
	if (conditions->kind != VALUE_MAP || conditions->count == 0)
		report_error(lint->report, conditions->line,
			     "{ OPERATOR: { KEY: VALUE } }",
			     "Condition is a map of operators");
	for (size_t i = 0; conditions->kind == VALUE_MAP && i < conditions->count; i++)
		lint_operator(lint, conditions, conditions->keys[i],
			      conditions->items[i]);
}
