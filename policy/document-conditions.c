/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"
#include "policy/condition.h"
#include "policy/context.h"
#include "policy/document-lint.h"
#include "policy/dynamodb.h"

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

/* Keys of services that have no table here are taken as they are. */
static bool is_known_key(const char *key)
{
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

static bool says_not_null(const struct value *conditions, const char *key)
{
	const struct value *null = document_condition_find(conditions, "Null", key);

	return null && (value_is_text(null, "false") ||
			(null->kind == VALUE_LIST && null->count == 1 &&
			 value_is_text(null->items[0], "false")));
}

static void lint_key(const struct value *conditions, const char *op, const char *key,
		     const struct value *value, struct report *report)
{
	if (!is_known_key(key))
		report_error(
		    report, value->line, "a condition key that exists",
		    "there is no condition key \"%s\": the condition would never "
		    "hold",
		    TEXT_ESCAPED(key));
	if (strncmp(op, "ForAllValues:", strlen("ForAllValues:")) == 0 &&
	    !says_not_null(conditions, key))
		report_error(
		    report, value->line, "add Null: { KEY: \"false\" }",
		    "ForAllValues on %s is true when the request does not carry that "
		    "key: a request without it would be let through",
		    TEXT_ESCAPED(key));
	if (context_key_is_list(key) && strncmp(op, "For", strlen("For")) != 0 &&
	    strcmp(op, "Null") != 0)
		report_warning(
		    report, value->line,
		    "ForAllValues or ForAnyValue before the operator",
		    "%s has several values, and %s compares with one: AWS does not say "
		    "what that allows or denies",
		    TEXT_ESCAPED(key), TEXT_ESCAPED(op));
	if (strncmp(op, "Date", 4) == 0 && value->kind == VALUE_TEXT &&
	    strstr(value->text, "${"))
		report_error(report, value->line, "a fixed time",
			     "AWS reads no ${...} in conditions on dates");
}

void document_lint_conditions(const struct value *conditions, struct report *report)
{
	if (conditions->kind != VALUE_MAP) {
		report_error(report, conditions->line, "{ OPERATOR: { KEY: VALUE } }",
			     "Condition is a map");
		return;
	}
	for (size_t i = 0; i < conditions->count; i++) {
		const struct value *keys = conditions->items[i];
		const char *op = conditions->keys[i];

		if (!condition_is_operator(op))
			report_error(report, keys->line, "StringEquals, StringLike, ...",
				     "there is no condition operator \"%s\"",
				     TEXT_ESCAPED(op));
		else if (keys->kind != VALUE_MAP)
			report_error(report, keys->line, "{ KEY: VALUE }",
				     "%s holds condition keys", TEXT_ESCAPED(op));
		for (size_t k = 0; keys->kind == VALUE_MAP && k < keys->count; k++)
			lint_key(conditions, op, keys->keys[k], keys->items[k], report);
	}
}
