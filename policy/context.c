/* SPDX-License-Identifier: MIT */
#include "policy/context.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/dynamodb.h"

#define TAG "aws:PrincipalTag/"
#define ARN_PARTS 6
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
	void (*find)(const struct asked *asked, struct context_values *values);
} keys[] = {
	{ "aws:CurrentTime",             0,                       find_time },
	{ "aws:EpochTime",               0,                       find_epoch },
	{ "aws:RequestedRegion",         0,                       find_region },
	{ "aws:SourceVpce",              0,                       find_endpoint },
	{ "aws:PrincipalArn",            0,                       find_role },
	{ "aws:PrincipalAccount",        0,                       find_account },
	{ "aws:ResourceAccount",         0,                       find_resource_account },
	{ "dynamodb:LeadingKeys",        KEY_LEADING_KEYS,        find_leading_keys },
	{ "dynamodb:Attributes",         KEY_ATTRIBUTES,          find_attributes },
	{ "dynamodb:Select",             KEY_SELECT,              find_select },
	{ "dynamodb:ReturnValues",       KEY_RETURN_VALUES,       find_return_values },
	{ "dynamodb:EnclosingOperation", KEY_ENCLOSING_OPERATION, find_operation },
	{ "dynamodb:FullTableScan",      KEY_FULL_TABLE_SCAN,     find_scan },
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

bool context_find(const struct asked *asked, const char *key,
		  struct context_values *values)
{
	values->count = 0;
	values->is_list = false;
	for (size_t i = 0; i < COUNT(keys); i++)
		if (strcasecmp(keys[i].key, key) == 0 &&
		    action_carries(asked, keys[i].flag)) {
			keys[i].find(asked, values);
			if (values->count > 0)
				return true;
		}
	find_tag(asked, key, values);
	if (values->count == 0)
		find_given(asked, key, values);
	return values->count > 0;
}

/* ${*}, ${?} and ${$} are the character itself. */
static bool is_escape(const char *name, int length)
{
	return length == 1 && strchr("*?$", *name);
}

/* "key" or "key, 'default'": returns the key's length, sets the default's. */
static int split_default(const char *name, int length, const char **otherwise,
			 int *otherwise_length)
{
	const char *comma = memchr(name, ',', (size_t)length);
	const char *end = name + length, *text = comma ? comma + 1 : end;

	*otherwise = NULL;
	while (text < end && *text == ' ')
		text++;
	if (end - text >= 2 && *text == '\'' && end[-1] == '\'') {
		*otherwise = text + 1;
		*otherwise_length = (int)(end - text) - 2;
	}
	return comma ? (int)(comma - name) : length;
}

/* 1, 0 where it has no value, -ENOMEM, -EMSGSIZE. */
static int bind_variable(const struct asked *asked, const char *name, int length,
			 struct buffer *out, struct context_variable *absent)
{
	struct context_values values;
	const char *otherwise;
	char key[160];
	int otherwise_length = 0, r;
	int key_length = split_default(name, length, &otherwise, &otherwise_length);

	if (is_escape(name, length))
		return (r = buffer_add(out, name, 1)) < 0 ? r : 1;
	snprintf(key, sizeof(key), "%.*s", key_length, name);
	if (context_find(asked, key, &values) && !values.is_list && *values.list[0])
		r = buffer_add(out, values.list[0], strlen(values.list[0]));
	else if (otherwise)
		r = buffer_add(out, otherwise, (size_t)otherwise_length);
	else {
		*absent = (struct context_variable){ name, key_length };
		return 0;
	}
	return r < 0 ? r : 1;
}

static int add_literal(struct buffer *out, const char *text, size_t length,
		       bool has_wildcards)
{
	size_t start = out->used;
	int r = buffer_add(out, text, length);

	for (size_t i = start; has_wildcards && r == 0 && i < out->used; i++)
		if (out->bytes[i] == '*')
			out->bytes[i] = ANY_RUN;
		else if (out->bytes[i] == '?')
			out->bytes[i] = ANY_ONE;
	return r < 0 ? r : 1;
}

int context_bind(const struct asked *asked, const char *text, size_t length,
		 bool has_wildcards, struct buffer *out, struct context_variable *absent)
{
	const char *end = text + length, *start, *name;
	int r = 1, found;

	while ((found = text_next_variable(text, &start, &name)) > 0 && start < end) {
		r = add_literal(out, text, (size_t)(start - text), has_wildcards);
		if (r == 1)
			r = bind_variable(asked, name, found, out, absent);
		if (r != 1)
			return r;
		text = name + found + 1;
	}
	return add_literal(out, text, (size_t)(end - text), has_wildcards);
}

/* The length of an ARN's part: to the next ':' outside ${...}. */
static size_t part_length(const char *part)
{
	size_t i = 0;

	while (part[i] && part[i] != ':') {
		const char *end = part[i] == '$' && part[i + 1] == '{'
				      ? strchr(part + i, '}')
				      : NULL;

		i = end ? (size_t)(end - part) + 1 : i + 1;
	}
	return i;
}

static bool part_matches(const struct asked *asked, const char *pattern, size_t length,
			 const char *part, size_t part_length,
			 struct context_variable *absent)
{
	scoped(buffer_done) struct buffer wanted = BUFFER_WITH_LIMIT(CONTEXT_TEXT_MAX);
	scoped(freep) char *text = strndup(part, part_length);

	return text && context_bind(asked, pattern, length, true, &wanted, absent) == 1 &&
	       text_matches(wanted.bytes, text);
}

bool context_arn_matches(const struct asked *asked, const char *pattern, const char *arn,
			 struct context_variable *absent)
{
	for (int i = 0; i < ARN_PARTS; i++) {
		bool is_last = i == ARN_PARTS - 1;
		size_t length = is_last ? strlen(pattern) : part_length(pattern);
		size_t arn_length = is_last ? strlen(arn) : strcspn(arn, ":");

		if (!part_matches(asked, pattern, length, arn, arn_length, absent))
			return false;
		if (is_last)
			break;
		if (!pattern[length] || !arn[arn_length])
			return false;
		pattern += length + 1;
		arn += arn_length + 1;
	}
	return true;
}
