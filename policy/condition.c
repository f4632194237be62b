/* SPDX-License-Identifier: MIT */
#include "policy/condition.h"

#include <stdio.h>
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

/* One value of a policy against one value of the request. */
struct trial {
	const struct asked *asked;
	const char *wanted; /* as the policy has it */
	const char *value;
	unsigned int relations;
	struct context_variable *absent; /* a variable of wanted */
};

static bool is_bound_match(const struct trial *trial, bool has_wildcards,
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

static bool string_equals(const struct trial *trial)
{
	return is_bound_match(trial, false, is_same);
}

static bool string_equals_ignore_case(const struct trial *trial)
{
	return is_bound_match(trial, false, is_same_but_case);
}

static bool string_like(const struct trial *trial)
{
	return is_bound_match(trial, true, text_matches);
}

static bool bool_equals(const struct trial *trial)
{
	return is_bound_match(trial, false, is_same_boolean);
}

static bool is_related(const struct trial *trial, bool is_less, bool is_greater)
{
	unsigned int relation = is_less ? LESS : is_greater ? GREATER : EQUAL;

	return trial->relations & relation;
}

/* What is no number, or no time, stands in no relation to any. */
static bool numeric(const struct trial *trial)
{
	double value, wanted;

	return value_read_number(trial->value, &value) &&
	       value_read_number(trial->wanted, &wanted) &&
	       is_related(trial, value<wanted, value> wanted);
}

static bool date(const struct trial *trial)
{
	int64_t value, wanted;

	return value_read_time(trial->value, &value) &&
	       value_read_time(trial->wanted, &wanted) &&
	       is_related(trial, value<wanted, value> wanted);
}

static bool ip_address(const struct trial *trial)
{
	return value_is_in_range(trial->wanted, trial->value);
}

static bool arn_like(const struct trial *trial)
{
	return context_arn_matches(trial->asked, trial->wanted, trial->value,
				   trial->absent);
}

/* clang-format off */
static const struct condition_operator {
	const char *name;
	bool (*fits)(const struct trial *trial); /* NULL: Null, which looks at no value */
	unsigned int relations;                  /* of numbers and times */
	bool is_negated;
} operators[] = {
	{ "StringEquals",              string_equals,             0,               false },
	{ "StringNotEquals",           string_equals,             0,               true },
	{ "StringEqualsIgnoreCase",    string_equals_ignore_case, 0,               false },
	{ "StringNotEqualsIgnoreCase", string_equals_ignore_case, 0,               true },
	{ "StringLike",                string_like,               0,               false },
	{ "StringNotLike",             string_like,               0,               true },
	{ "NumericEquals",             numeric,                   EQUAL,           false },
	{ "NumericNotEquals",          numeric,                   EQUAL,           true },
	{ "NumericLessThan",           numeric,                   LESS,            false },
	{ "NumericLessThanEquals",     numeric,                   LESS | EQUAL,    false },
	{ "NumericGreaterThan",        numeric,                   GREATER,         false },
	{ "NumericGreaterThanEquals",  numeric,                   GREATER | EQUAL, false },
	{ "DateEquals",                date,                      EQUAL,           false },
	{ "DateNotEquals",             date,                      EQUAL,           true },
	{ "DateLessThan",              date,                      LESS,            false },
	{ "DateLessThanEquals",        date,                      LESS | EQUAL,    false },
	{ "DateGreaterThan",           date,                      GREATER,         false },
	{ "DateGreaterThanEquals",     date,                      GREATER | EQUAL, false },
	{ "Bool",                      bool_equals,               0,               false },
	{ "BinaryEquals",              string_equals,             0,               false }, /* base64 */
	{ "IpAddress",                 ip_address,                0,               false },
	{ "NotIpAddress",              ip_address,                0,               true },
	{ "ArnEquals",                 arn_like,                  0,               false }, /* as ArnLike */
	{ "ArnLike",                   arn_like,                  0,               false },
	{ "ArnNotEquals",              arn_like,                  0,               true },
	{ "ArnNotLike",                arn_like,                  0,               true },
	{ "Null",                      NULL,                      0,               false },
};
/* clang-format on */

enum quantifier {
	QUANTIFIER_NONE,
	QUANTIFIER_ALL,
	QUANTIFIER_ANY,
};

/* "ForAllValues:StringLikeIfExists", taken apart. */
struct reading {
	const struct condition_operator *rule; /* NULL: there is none of that name */
	enum quantifier quantifier;
	bool if_exists;
};

static struct reading read_operator(const char *name)
{
	static const char all[] = "ForAllValues:", any[] = "ForAnyValue:",
			  if_exists[] = "IfExists";
	struct reading reading = { NULL, QUANTIFIER_NONE, false };

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
		if (name[length] == '\0' || reading.if_exists)
			reading.rule = &operators[i];
	}
	return reading;
}

bool condition_is_operator(const char *name)
{
	return read_operator(name).rule != NULL;
}

const char *condition_text(const json_t *value, char number[static 24])
{
	if (json_is_boolean(value))
		return json_is_true(value) ? "true" : "false";
	if (!json_is_integer(value))
		return json_string_value(value);
	snprintf(number, 24, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return number;
}

/* One value of the request: some value of the policy fits, or none if negated. */
static bool value_passes(const struct condition_operator *rule, const struct asked *asked,
			 const json_t *wanted, const char *value,
			 struct context_variable *absent)
{
	size_t count = json_is_array(wanted) ? json_array_size(wanted) : 1;
	struct trial trial = { asked, NULL, value, rule->relations, absent };
	char number[24];

	for (size_t i = 0; i < count; i++) {
		trial.wanted = condition_text(
		    json_is_array(wanted) ? json_array_get(wanted, i) : wanted, number);
		if (trial.wanted && rule->fits(&trial)) {
			absent->length = 0; /* another value's variable */
			return !rule->is_negated;
		}
	}
	return rule->is_negated;
}

static bool null_holds(const json_t *wanted, bool is_absent)
{
	const char *goal = is_absent ? "true" : "false", *text;
	size_t count = json_is_array(wanted) ? json_array_size(wanted) : 1;
	char number[24];

	for (size_t i = 0; i < count; i++) {
		text = condition_text(
		    json_is_array(wanted) ? json_array_get(wanted, i) : wanted, number);
		if (text && strcasecmp(text, goal) == 0)
			return true;
	}
	return false;
}

static bool absent_holds(const struct reading *reading)
{
	if (reading->if_exists || reading->quantifier == QUANTIFIER_ALL)
		return true;
	return reading->rule->is_negated && reading->quantifier == QUANTIFIER_NONE;
}

static bool values_hold(const struct reading *reading, const struct asked *asked,
			const json_t *wanted, const struct context_values *values,
			struct context_variable *absent)
{
	bool wants_all = reading->quantifier != QUANTIFIER_ANY;

	for (size_t i = 0; i < values->count; i++)
		if (value_passes(reading->rule, asked, wanted, values->list[i], absent) !=
		    wants_all)
			return !wants_all;
	return wants_all;
}

/* Whether op holds of key; note->absent is then the absent key that decided. */
static bool key_holds(const char *op, const char *key, const json_t *wanted,
		      const struct asked *asked, struct condition_note *note)
{
	struct reading reading = read_operator(op);
	struct context_values values;
	bool is_absent = !context_find(asked, key, &values);

	if (!reading.rule)
		return false;
	if (is_absent)
		note->absent = (struct context_variable){ key, (int)strlen(key) };
	if (!reading.rule->fits)
		return null_holds(wanted, is_absent);
	if (is_absent)
		return absent_holds(&reading);
	note->is_list = values.is_list && reading.quantifier == QUANTIFIER_NONE;
	return !note->is_list &&
	       values_hold(&reading, asked, wanted, &values, &note->absent);
}

bool conditions_hold(const json_t *condition, const struct asked *asked,
		     struct condition_note *note)
{
	struct context_variable decided = { NULL, 0 };
	const char *op, *key;
	json_t *keys, *wanted;

	*note = (struct condition_note){ .op = NULL };
	json_object_foreach((json_t *)condition, op, keys)
	{
		json_object_foreach(keys, key, wanted)
		{
			note->absent.length = 0;
			if (!key_holds(op, key, wanted, asked, note)) {
				note->op = op;
				note->key = key;
				return false;
			}
			if (decided.length == 0)
				decided = note->absent;
		}
	}
	note->absent = decided;
	return true;
}
