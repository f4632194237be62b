/* SPDX-License-Identifier: MIT */
#include "policy/context.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/dynamodb.h"

#define TAG "aws:PrincipalTag/"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void add(struct context_values *values, const char *value)
{
	if (value && values->count < CONTEXT_VALUES_MAX)
		values->list[values->count++] = value;
}

static void add_list(struct context_values *values, const struct asked_list *list)
{
	values->is_list = true;
	for (size_t i = 0; !list->is_missing && i < list->count; i++)
		add(values, list->list[i]);
}

static void find_time(const struct asked *asked, struct context_values *values)
{
	add(values, time_format(asked->at, values->text));
}

static void find_epoch(const struct asked *asked, struct context_values *values)
{
	snprintf(values->text, sizeof(values->text), "%" PRId64, asked->at);
	add(values, values->text);
}

static void find_region(const struct asked *asked, struct context_values *values)
{
	add(values, asked->region);
}

static void find_endpoint(const struct asked *asked, struct context_values *values)
{
	add(values, asked->endpoint);
}

static void find_role(const struct asked *asked, struct context_values *values)
{
	add(values, asked->role_arn);
}

static void find_account(const struct asked *asked, struct context_values *values)
{
	add(values, asked->role_account_id);
}

static void find_resource_account(const struct asked *asked,
				  struct context_values *values)
{
	add(values, asked->account_id);
}

static void find_leading_keys(const struct asked *asked, struct context_values *values)
{
	add_list(values, &asked->leading_keys);
}

static void find_attributes(const struct asked *asked, struct context_values *values)
{
	add_list(values, &asked->attributes);
}

static void find_select(const struct asked *asked, struct context_values *values)
{
	add(values, asked->select);
}

static void find_return_values(const struct asked *asked, struct context_values *values)
{
	add(values, asked->return_values);
}

static void find_operation(const struct asked *asked, struct context_values *values)
{
	add(values, asked->enclosing_operation);
}

static void find_scan(const struct asked *asked, struct context_values *values)
{
	if (asked->full_table_scan != ANSWER_MISSING)
		add(values, asked->full_table_scan == ANSWER_YES ? "true" : "false");
}

/* clang-format off */
static const struct {
	const char *key;
	unsigned int flag; /* what DynamoDB's action must carry; 0: of every request */
	/* NULL: given as it is, in asked.context. */
	void (*find)(const struct asked *asked, struct context_values *values);
} keys[] = {
	{ "aws:CurrentTime",                    0,                        find_time },
	{ "aws:EpochTime",                      0,                        find_epoch },
	{ "aws:RequestedRegion",                0,                        find_region },
	{ "aws:SourceVpce",                     0,                        find_endpoint },
	{ "aws:PrincipalArn",                   0,                        find_role },
	{ "aws:PrincipalAccount",               0,                        find_account },
	{ "aws:ResourceAccount",                0,                        find_resource_account },
	{ "dynamodb:LeadingKeys",               KEY_LEADING_KEYS,         find_leading_keys },
	{ "dynamodb:Attributes",                KEY_ATTRIBUTES,           find_attributes },
	{ "dynamodb:Select",                    KEY_SELECT,               find_select },
	{ "dynamodb:ReturnValues",              KEY_RETURN_VALUES,        find_return_values },
	{ "dynamodb:EnclosingOperation",        KEY_ENCLOSING_OPERATION,  find_operation },
	{ "dynamodb:FullTableScan",             KEY_FULL_TABLE_SCAN,      find_scan },
	{ "dynamodb:ReturnConsumedCapacity",    KEY_CONSUMED_CAPACITY,    NULL },
	{ "dynamodb:FisActionId",               KEY_FIS,                  NULL },
	{ "dynamodb:FisTargetArns",             KEY_FIS,                  NULL },
	{ "dynamodb:FirstPartitionKeyValues",   KEY_PARTITION_KEY_VALUES, NULL },
	{ "dynamodb:SecondPartitionKeyValues",  KEY_PARTITION_KEY_VALUES, NULL },
	{ "dynamodb:ThirdPartitionKeyValues",   KEY_PARTITION_KEY_VALUES, NULL },
	{ "dynamodb:FourthPartitionKeyValues",  KEY_PARTITION_KEY_VALUES, NULL },
};

static const char *const lists[] = {
	"aws:CalledVia", "aws:PrincipalOrgPaths", "aws:PrincipalServiceNamesList",
	"aws:ResourceOrgPaths", "aws:SourceOrgPaths", "aws:TagKeys", "aws:VpceOrgPaths",
	"dynamodb:Attributes", "dynamodb:FirstPartitionKeyValues",
	"dynamodb:FisTargetArns", "dynamodb:FourthPartitionKeyValues",
	"dynamodb:LeadingKeys", "dynamodb:SecondPartitionKeyValues",
	"dynamodb:ThirdPartitionKeyValues",
};
/* clang-format on */

bool context_key_is_list(const char *key)
{
	for (size_t i = 0; i < COUNT(lists); i++)
		if (strcasecmp(lists[i], key) == 0)
			return true;
	return false;
}

static bool action_carries(const struct asked *asked, unsigned int flag)
{
	static const char prefix[] = "dynamodb:";
	const struct dynamodb_action *action = NULL;

	if (flag == 0)
		return true;
	if (strncmp(asked->action, prefix, strlen(prefix)) == 0)
		action = dynamodb_action(asked->action + strlen(prefix));
	return action && (action->keys & flag);
}

static void find_tag(const struct asked *asked, const char *key,
		     struct context_values *values)
{
	if (strncasecmp(key, TAG, strlen(TAG)) != 0)
		return;
	for (size_t i = 0; i < asked->tag_count && values->count == 0; i++)
		if (strcasecmp(asked->tags[i].name, key + strlen(TAG)) == 0)
			add(values, asked->tags[i].value);
}

static void find_given(const struct asked *asked, const char *key,
		       struct context_values *values)
{
	for (size_t i = 0; i < asked->context_count; i++)
		if (strcasecmp(asked->context[i].name, key) == 0)
			add(values, asked->context[i].value);
	values->is_list = values->count > 1 || context_key_is_list(key);
}

bool context_is_carried(const struct asked *asked, const char *key)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		if (strcasecmp(keys[i].key, key) == 0)
			return action_carries(asked, keys[i].flag);
	return true;
}

bool context_find(const struct asked *asked, const char *key,
		  struct context_values *values)
{
	values->count = 0;
	values->is_list = false;
	if (!context_is_carried(asked, key))
		return false;
	for (size_t i = 0; i < COUNT(keys); i++)
		if (keys[i].find && strcasecmp(keys[i].key, key) == 0)
			keys[i].find(asked, values);
	if (values->count == 0)
		find_tag(asked, key, values);
	if (values->count == 0)
		find_given(asked, key, values);
	return values->count > 0;
}
