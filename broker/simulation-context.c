/* SPDX-License-Identifier: MIT */
#include "broker/simulation-parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "broker/profiles.h"
#include "policy/context.h"
#include "policy/policy.h"

#define TAG "aws:PrincipalTag/"
#define ARN_MAX 2000

/* clang-format off */
static const char *const only_dynamodb[] = {
	"table", "index", "stream", "backup", "export", "import", "global-table",
	"leading-key", "attributes", "select", "return-values", "within",
	"full-table-scan",
};

/* Keys that the other options say. */
static const struct {
	const char *key;
	const char *option;
} said_otherwise[] = {
	{ "aws:CurrentTime",             "--at" },
	{ "aws:EpochTime",               "--at" },
	{ "aws:RequestedRegion",         "--region" },
	{ "aws:ResourceAccount",         "--account" },
	{ "aws:SourceVpce",              "--endpoint" },
	{ "aws:PrincipalAccount",        "the profile's account" },
	{ TAG "jit_profile",             "the profile's name" },
	{ "dynamodb:LeadingKeys",        "--leading-key" },
	{ "dynamodb:Attributes",         "--attributes" },
	{ "dynamodb:Select",             "--select" },
	{ "dynamodb:ReturnValues",       "--return-values" },
	{ "dynamodb:EnclosingOperation", "--within" },
	{ "dynamodb:FullTableScan",      "--full-table-scan" },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_action(const char *text)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	size_t service = strspn(text, letters);
	size_t name = text[service] == ':' ? strspn(text + service + 1, letters) : 0;

	return service > 0 && name > 0 && text[service + 1 + name] == '\0';
}

static bool is_arn(const char *text)
{
	int colons = 0;

	for (const char *at = text; *at; at++)
		colons += *at == ':';
	return strcmp(text, "*") == 0 ||
	       (strncmp(text, "arn:", 4) == 0 && colons >= 5 && strlen(text) <= ARN_MAX);
}

int simulation_read_other(const struct options *options, const char *action,
			  struct simulation *simulation, struct error *error)
{
	const char *resource = option_value(options, "resource");

	if (!is_action(action) || strlen(action) >= sizeof(simulation->action))
		return error_set(error, ERROR_USAGE,
				 "%s is no action; write it like s3:GetObject",
				 TEXT_ESCAPED(action));
	for (size_t i = 0; i < COUNT(only_dynamodb); i++)
		if (option_value(options, only_dynamodb[i]))
			return error_set(
			    error, ERROR_USAGE,
			    "--%s goes with DynamoDB's actions; name what %s "
			    "is on with --resource ARN",
			    only_dynamodb[i], action);
	if (!resource)
		return error_set(error, ERROR_USAGE,
				 "say what %s is on: --resource ARN, or --resource '*' "
				 "for an action on the account",
				 action);
	if (!is_arn(resource))
		return error_set(error, ERROR_USAGE,
				 "--resource %s is no ARN; write it like "
				 "arn:aws:s3:::bucket/key",
				 TEXT_ESCAPED(resource));
	snprintf(simulation->action, sizeof(simulation->action), "%s", action);
	simulation->asked.resource = RESOURCE_OTHER;
	simulation->asked.arn = resource;
	simulation->asked.leading_keys.is_missing = true;
	simulation->asked.attributes.is_missing = true;
	return 0;
}

static int check_key(const struct subject *subject, const struct asked *asked,
		     const char *key, struct error *error)
{
	const char *colon = strchr(key, ':');

	if (!colon || colon == key || !colon[1])
		return error_set(error, ERROR_USAGE,
				 "%s is no condition key; write it like aws:SourceIp",
				 TEXT_ESCAPED(key));
	for (size_t i = 0; i < COUNT(said_otherwise); i++)
		if (strcasecmp(key, said_otherwise[i].key) == 0)
			return error_set(error, ERROR_USAGE,
					 "%s is what %s says; leave --context out",
					 said_otherwise[i].key, said_otherwise[i].option);
	if (!context_is_carried(asked, key))
		return error_set(error, ERROR_USAGE,
				 "AWS looks at no %s of %s; leave --context out",
				 TEXT_ESCAPED(key), asked->action);
	if (subject->profile && subject->profile->role &&
	    strcasecmp(key, "aws:PrincipalArn") == 0)
		return error_set(
		    error, ERROR_USAGE,
		    "aws:PrincipalArn is what the profile's role says; leave "
		    "--context out");
	for (size_t i = 0; i < subject->binding_count; i++)
		if (strncasecmp(key, TAG, strlen(TAG)) == 0 &&
		    strcasecmp(key + strlen(TAG), subject->bindings[i].name) == 0)
			return error_set(error, ERROR_USAGE,
					 "%s is the parameter %s=VALUE; leave --context "
					 "out",
					 TEXT_ESCAPED(key), subject->bindings[i].name);
	return 0;
}

/* "KEY=VALUE"; the value may be empty. */
static int add_context(const struct subject *subject, const char *given,
		       struct simulation *simulation, struct error *error)
{
	size_t length = strcspn(given, "="), count = simulation->asked.context_count;
	char *key;

	if (!given[length] || length == 0)
		return error_set(error, ERROR_USAGE,
				 "--context %s is no KEY=VALUE; write it like "
				 "aws:SourceIp=203.0.113.7",
				 TEXT_ESCAPED(given));
	for (const char *at = given; *at; at++)
		if ((unsigned char)*at < 0x20)
			return error_set(error, ERROR_USAGE,
					 "--context %s has a control character in it",
					 TEXT_ESCAPED(given));
	key = strndup(given, length);
	if (!key)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	simulation->context_keys[count] = key;
	simulation->context[count] = (struct binding){ key, given + length + 1 };
	simulation->asked.context_count++;
	return check_key(subject, &simulation->asked, key, error);
}

int simulation_read_context(const struct options *options, const struct subject *subject,
			    struct simulation *simulation, struct error *error)
{
	const struct profile *profile = subject->profile;
	struct asked *asked = &simulation->asked;
	const char *given;
	size_t at = 0;
	int r = 0;

	asked->context = simulation->context;
	asked->role_account_id = subject->place.account_id;
	while (r == 0 && (given = option_next(options, "context", &at)))
		r = add_context(subject, given, simulation, error);
	if (r < 0 || !profile)
		return r;
	simulation->context[asked->context_count++] = (struct binding){ TAG "jit_profile",
									profile->name };
	if (!profile->role)
		return 0;
	simulation->role_arn = policy_role_arn(&subject->place, profile->role);
	asked->role_arn = simulation->role_arn;
	return asked->role_arn ? 0 : error_set(error, ERROR_INTERNAL, "out of memory");
}
