/* SPDX-License-Identifier: MIT */
#include "policy/condition-operators.h"

#include <string.h>

#include "base/cleanup.h"
#include "policy/condition-values.h"
#include "policy/scope.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum relation {
	LESS = 1,
	EQUAL = 2,
	GREATER = 4,
};

static bool is_bound_match(const struct condition_trial *trial, bool has_wildcards,
			   bool (*is_match)(const char *wanted, const char *value))
{
	scoped(buffer_done) struct buffer wanted = BUFFER_WITH_LIMIT(CONTEXT_TEXT_MAX);

	return context_bind(trial->asked, trial->wanted, strlen(trial->wanted),
			    has_wildcards, &wanted, trial->absent) == 1 &&
	       is_match(wanted.bytes, trial->value);
}

static bool is_same(const char *wanted, const char *value)
{
	return strcmp(wanted, value) == 0;
}

static bool is_same_but_case(const char *wanted, const char *value)
{
	return strcasecmp(wanted, value) == 0;
}

static bool is_same_boolean(const char *wanted, const char *value)
{
	return (strcasecmp(wanted, "true") == 0 || strcasecmp(wanted, "false") == 0) &&
	       strcasecmp(wanted, value) == 0;
}

static bool string_equals(const struct condition_trial *trial)
{
	return is_bound_match(trial, false, is_same);
}

static bool string_equals_ignore_case(const struct condition_trial *trial)
{
	return is_bound_match(trial, false, is_same_but_case);
}

static bool string_like(const struct condition_trial *trial)
{
	return is_bound_match(trial, true, text_matches);
}

static bool bool_equals(const struct condition_trial *trial)
{
	return is_same_boolean(trial->wanted, trial->value);
}

static bool binary_equals(const struct condition_trial *trial)
{
	return is_same(trial->wanted, trial->value);
}

static bool is_related(const struct condition_trial *trial, bool is_less, bool is_greater)
{
	unsigned int relation = is_less ? LESS : is_greater ? GREATER : EQUAL;

	return trial->relations & relation;
}

/* What is no number, or no time, stands in no relation to any. */
static bool numeric(const struct condition_trial *trial)
{
	double value, wanted;

	return value_read_number(trial->value, &value) &&
	       value_read_number(trial->wanted, &wanted) &&
	       is_related(trial, value<wanted, value> wanted);
}

static bool date(const struct condition_trial *trial)
{
	int64_t value, wanted;

	return value_read_time(trial->value, &value) &&
	       value_read_time(trial->wanted, &wanted) &&
	       is_related(trial, value<wanted, value> wanted);
}

static bool ip_address(const struct condition_trial *trial)
{
	return value_is_in_range(trial->wanted, trial->value);
}

static bool arn_like(const struct condition_trial *trial)
{
	return context_arn_matches(trial->asked, trial->wanted, trial->value,
				   trial->absent);
}

static bool is_number(const char *text)
{
	double number;

	return value_read_number(text, &number);
}

static bool is_time(const char *text)
{
	int64_t milliseconds;

	return value_read_time(text, &milliseconds);
}

static bool is_boolean(const char *text)
{
	return is_same_boolean(text, text);
}

static bool is_binary(const char *text)
{
	return !strstr(text, "${");
}

static const struct condition_values numbers = { "a number", is_number },
				     times = { "a time", is_time },
				     booleans = { "true or false", is_boolean },
				     binaries = { "base64", is_binary },
				     addresses = { "an address or a range",
						   value_is_range };

/* clang-format off */
static const struct condition_operator operators[] = {
	{ "StringEquals",              string_equals,             0,               false, NULL },
	{ "StringNotEquals",           string_equals,             0,               true,  NULL },
	{ "StringEqualsIgnoreCase",    string_equals_ignore_case, 0,               false, NULL },
	{ "StringNotEqualsIgnoreCase", string_equals_ignore_case, 0,               true,  NULL },
	{ "StringLike",                string_like,               0,               false, NULL },
	{ "StringNotLike",             string_like,               0,               true,  NULL },
	{ "NumericEquals",             numeric,                   EQUAL,           false, &numbers },
	{ "NumericNotEquals",          numeric,                   EQUAL,           true,  &numbers },
	{ "NumericLessThan",           numeric,                   LESS,            false, &numbers },
	{ "NumericLessThanEquals",     numeric,                   LESS | EQUAL,    false, &numbers },
	{ "NumericGreaterThan",        numeric,                   GREATER,         false, &numbers },
	{ "NumericGreaterThanEquals",  numeric,                   GREATER | EQUAL, false, &numbers },
	{ "DateEquals",                date,                      EQUAL,           false, &times },
	{ "DateNotEquals",             date,                      EQUAL,           true,  &times },
	{ "DateLessThan",              date,                      LESS,            false, &times },
	{ "DateLessThanEquals",        date,                      LESS | EQUAL,    false, &times },
	{ "DateGreaterThan",           date,                      GREATER,         false, &times },
	{ "DateGreaterThanEquals",     date,                      GREATER | EQUAL, false, &times },
	{ "Bool",                      bool_equals,               0,               false, &booleans },
	{ "BinaryEquals",              binary_equals,             0,               false, &binaries },
	{ "IpAddress",                 ip_address,                0,               false, &addresses },
	{ "NotIpAddress",              ip_address,                0,               true,  &addresses },
	{ "ArnEquals",                 arn_like,                  0,               false, NULL }, /* as ArnLike */
	{ "ArnLike",                   arn_like,                  0,               false, NULL },
	{ "ArnNotEquals",              arn_like,                  0,               true,  NULL },
	{ "ArnNotLike",                arn_like,                  0,               true,  NULL },
	{ "Null",                      NULL,                      0,               false, &booleans },
};
/* clang-format on */

struct condition_reading condition_read(const char *name)
{
	static const char all[] = "ForAllValues:", any[] = "ForAnyValue:",
			  if_exists[] = "IfExists";
	struct condition_reading reading = { NULL, QUANTIFIER_NONE, false };

	if (strncmp(name, all, strlen(all)) == 0)
		reading.quantifier = QUANTIFIER_ALL;
	else if (strncmp(name, any, strlen(any)) == 0)
		reading.quantifier = QUANTIFIER_ANY;
	if (reading.quantifier != QUANTIFIER_NONE)
		name = strchr(name, ':') + 1;
	for (size_t i = 0; i < COUNT(operators) && !reading.rule; i++) {
		size_t length = strlen(operators[i].name);

		if (strncmp(operators[i].name, name, length) != 0)
			continue;
		reading.if_exists = strcmp(name + length, if_exists) == 0;
		if (name[length] == '\0' || (reading.if_exists && operators[i].fits))
			reading.rule = &operators[i];
	}
	return reading;
}

const char *condition_misfit(const char *name, const char *value)
{
	const struct condition_operator *rule = condition_read(name).rule;

	return rule && rule->values && !rule->values->is_one(value) ? rule->values->what
								    : NULL;
}
