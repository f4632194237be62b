/* SPDX-License-Identifier: MIT */
#include "policy/condition.h"

#include <stdio.h>
#include <string.h>

#include "policy/condition-operators.h"

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
	struct condition_trial trial = { asked, NULL, value, rule->relations, absent };
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

static bool absent_holds(const struct condition_reading *reading)
{
	if (reading->if_exists || reading->quantifier == QUANTIFIER_ALL)
		return true;
	return reading->rule->is_negated && reading->quantifier == QUANTIFIER_NONE;
}

static bool values_hold(const struct condition_reading *reading,
			const struct asked *asked, const json_t *wanted,
			const struct context_values *values,
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
	struct condition_reading reading = condition_read(op);
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
