/* SPDX-License-Identifier: MIT */
#include "base/options.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

const struct option_rule options_common[] = {
	{ "json", NULL, "print JSON, and errors as JSON" },
	{ "help", NULL, "print this" },
	{ NULL, NULL, NULL },
};

/* The row whose name is the first length bytes of word; -1 if there is none. */
static int find(const struct option_rule *rules, const char *word, size_t length)
{
	for (int i = 0; rules[i].name; i++)
		if (strlen(rules[i].name) == length &&
		    strncmp(rules[i].name, word, length) == 0)
			return i;
	return -1;
}

/* "--json" or "--help"; 1 if it was one of them. */
static int take_common(struct options *options, const char *word, size_t length,
		       struct error *error)
{
	int row = find(options_common, word, length);

	if (row < 0)
		return 0;
	if (word[length])
		return error_set(error, ERROR_USAGE, "--%s takes no value",
				 options_common[row].name);
	if (row == 0)
		options->json = true;
	else
		options->help = true;
	return 1;
}

static bool repeats(const struct option_rule *rule)
{
	size_t length = rule->value ? strlen(rule->value) : 0;

	return length > 3 && strcmp(rule->value + length - 3, "...") == 0;
}

static bool is_optional(const struct option_rule *rule)
{
	return rule->value && rule->value[0] == '[';
}

static bool is_given(const struct options *options, const struct option_rule *rule)
{
	for (size_t i = 0; i < options->given_count; i++)
		if (options->given[i].rule == rule)
			return true;
	return false;
}

static int keep(struct options *options, const struct option_rule *rule,
		const char *value, struct error *error)
{
	if (is_given(options, rule) && !repeats(rule))
		return error_set(error, ERROR_USAGE, "--%s is given twice", rule->name);
	if (options->given_count == OPTIONS_MOST)
		return error_set(error, ERROR_USAGE, "more than %d options",
				 OPTIONS_MOST);
	options->given[options->given_count++] = (struct option_given){ rule, value };
	return 0;
}

/* "KEY" of "KEY...". */
static int value_length(const struct option_rule *rule)
{
	return (int)strlen(rule->value) - (repeats(rule) ? 3 : 0);
}

/*
 * Takes the option that word (past its dashes) is, and its value from next
 * where it has none of its own.  Returns how many words that were.
 */
static int take_option(struct options *options, const char *word, const char *next,
		       struct error *error)
{
	size_t length = strcspn(word, "=");
	const char *value = word[length] ? word + length + 1 : NULL;
	int row = find(options->rules, word, length);
	int r = take_common(options, word, length, error);
	const struct option_rule *rule;

	if (r != 0)
		return r;
	if (row < 0)
		return error_set(error, ERROR_USAGE, "there is no option --%s",
				 TEXT_ESCAPED(word));
	rule = &options->rules[row];
	if (!rule->value && value)
		return error_set(error, ERROR_USAGE, "--%s takes no value", rule->name);
	if (!rule->value || is_optional(rule) || value)
		r = keep(options, rule, value ? value : "", error);
	else if (next)
		r = keep(options, rule, next, error);
	else
		r = error_set(error, ERROR_USAGE, "--%s needs a value: --%s %.*s",
			      rule->name, rule->name, value_length(rule), rule->value);
	if (r < 0)
		return r;
	return !rule->value || is_optional(rule) || value ? 1 : 2;
}

int options_parse(struct options *options, const struct option_rule *rules, char **words,
		  int count, struct error *error)
{
	struct options result = { .rules = rules, .arguments = words };
	int at = 0;

	while (at < count && strcmp(words[at], "--") != 0) {
		const char *next = at + 1 < count ? words[at + 1] : NULL;
		int taken = 1;

		if (words[at][0] != '-' || words[at][1] == '\0')
			words[result.count++] = words[at];
		else if (strcmp(words[at], "-h") == 0)
			result.help = true;
		else if (words[at][1] != '-')
			return error_set(error, ERROR_USAGE, "there is no option %s",
					 TEXT_ESCAPED(words[at]));
		else
			taken = take_option(&result, words[at] + 2, next, error);
		if (taken < 0)
			return taken;
		at += taken;
	}
	for (at++; at < count; at++)
		words[result.count++] = words[at];
	*options = result;
	return 0;
}

bool options_want_json(char **words, int count)
{
	for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++)
		if (strcmp(words[i], "--json") == 0)
			return true;
	return false;
}

const char *option_next(const struct options *options, const char *name, size_t *at)
{
	int row = find(options->rules, name, strlen(name));

	assert(row >= 0);
	while (*at < options->given_count) {
		const struct option_given *given = &options->given[(*at)++];

		if (given->rule == &options->rules[row])
			return given->value;
	}
	return NULL;
}

const char *option_value(const struct options *options, const char *name)
{
	size_t at = 0;

	return option_next(options, name, &at);
}

int option_text(const struct options *options, const char *name, const char **text,
		struct error *error)
{
	const char *value = option_value(options, name);

	if (value && !text_is_utf8(value))
		return error_set(error, ERROR_USAGE, "--%s %s is not UTF-8", name,
				 TEXT_ESCAPED(value));
	*text = value;
	return 0;
}

int option_seconds(const struct options *options, const char *name, int64_t *seconds,
		   struct error *error)
{
	const char *value = option_value(options, name);

	if (value && duration_parse(value, seconds) < 0)
		return error_set(error, ERROR_USAGE,
				 "--%s %s is no duration; write it like 90s, 30m, 1h30m",
				 name, TEXT_ESCAPED(value));
	return 0;
}
