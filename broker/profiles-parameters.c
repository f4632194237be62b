/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "broker/profiles-matcher.h"
#include "broker/profiles-reading.h"
#include "policy/pattern.h"

#define PARAMETERS_MAX 40U /* STS: 50 session tags, of which we set three */
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define REST LETTERS "0123456789_-"

/* Many profiles have the same pattern: it is compiled once for all of them. */
static int compile(struct profiles *profiles, const char *pattern,
		   const struct matcher **matcher)
{
	struct matcher *found = index_find(&profiles->matchers, pattern);
	int r = 0;

	if (!found) {
		r = matcher_new(pattern, &found);
		if (r < 0)
			return r;
		r = index_add(&profiles->matchers, pattern, found);
	}
	if (r < 0)
		matcher_free(found);
	else
		*matcher = found;
	return r;
}

/* What is wrong with it the lint of the access says, which looks at it anyway. */
static void read_pattern(struct reading *reading, struct fy_node *value, void *target)
{
	struct parameter *parameter = target;
	char *pattern = yaml_word(reading, value, "a pattern");
	struct pattern_facts facts;
	int r;

	parameter->pattern = pattern;
	parameter->pattern_line = yaml_line(value);
	if (!pattern || pattern_inspect(pattern, &facts, NULL) < 0)
		return;
	r = compile(reading->profiles, pattern, &parameter->matcher);
	if (r == -ENOMEM)
		reading->r = r;
	else if (r < 0)
		yaml_error(reading, value, "\"[a-z0-9-]{3,32}\"",
			   "the pattern '%s': it is no POSIX extended expression",
			   TEXT_ESCAPED(pattern));
}

static bool is_parameter_name(const char *name)
{
	return strchr(LETTERS, name[0]) && !name[strspn(name, REST)] &&
	       strncasecmp(name, "jit_", 4) != 0; /* as AWS compares them */
}

static void read_parameter(struct reading *reading, char *name, struct fy_node *key,
			   struct fy_node *value, void *target)
{
	static const struct yaml_key keys[] = {
		{ "pattern", true, read_pattern, 0 },
		{ "summary", false, yaml_read_word, offsetof(struct parameter, summary) },
		{ 0 },
	};
	struct profile *profile = target;
	struct parameter *parameter = &profile->parameters[profile->parameter_count];

	if (!is_parameter_name(name)) {
		yaml_error(reading, key,
			   "a letter, then letters, digits, _ and -; not jit_...",
			   "'%s' cannot be a parameter: it becomes a session tag, and "
			   "those that begin with jit_ are the broker's own",
			   name);
		return;
	}
	yaml_read_mapping(reading, value, "a parameter", keys, parameter);
	parameter->name = name;
	parameter->line = yaml_line(key);
	if (!parameter->pattern) {
		parameter->pattern = reading_keep(reading, 1);
		parameter->pattern_line = parameter->line;
	}
	if (!parameter->summary)
		parameter->summary = reading_keep(reading, 1);
	profile->parameter_count++;
}

/* AWS compares the keys of tags without regard to case. */
static void check_case(struct reading *reading, struct fy_node *node,
		       const struct profile *profile)
{
	for (size_t i = 0; i < profile->parameter_count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcasecmp(profile->parameters[i].name,
				       profile->parameters[j].name) == 0)
				yaml_error(reading, node, NULL,
					   "'%s' and '%s' are one and the same session "
					   "tag to AWS",
					   profile->parameters[j].name,
					   profile->parameters[i].name);
}

void reading_parameters(struct reading *reading, struct fy_node *node,
			struct profile *profile)
{
	size_t count;

	if (!yaml_is_mapping(reading, node, "parameters"))
		return;
	count = (size_t)fy_node_mapping_item_count(node);
	if (count > PARAMETERS_MAX) {
		yaml_error(
		    reading, node, NULL,
		    "%zu parameters are more than the %u that AWS has session tags "
		    "for",
		    count, PARAMETERS_MAX);
		return;
	}
	profile->parameters = reading_keep(reading,
					   (count + 1) * sizeof(*profile->parameters));
	if (!profile->parameters)
		return;
	yaml_each_name(reading, node, "a parameter", read_parameter, profile);
	check_case(reading, node, profile);
}

static int unknown_parameter(const struct profile *profile, const char *name,
			     struct error *error)
{
	return error_set(error, ERROR_USAGE, "%s has no parameter '%s'", profile->name,
			 TEXT_ESCAPED(name));
}

static int check_value(const struct parameter *parameter, const char *value,
		       struct error *error)
{
	int r = strlen(value) <= PATTERN_MATCH_MAX
		    ? matcher_matches(parameter->matcher, value)
		    : 0;

	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "cannot check %s",
				 parameter->name);
	if (r == 0)
		return error_set(error, ERROR_USAGE, "%s does not match its pattern %s",
				 parameter->name, TEXT_ESCAPED(parameter->pattern));
	return 0;
}

static const char *value_of(const char *name, const char *const names[],
			    const char *const values[], size_t count, size_t *times)
{
	const char *value = NULL;

	*times = 0;
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0) {
			value = values[i];
			(*times)++;
		}
	return value;
}

static const struct parameter *find_parameter(const struct profile *profile,
					      const char *name)
{
	for (size_t i = 0; i < profile->parameter_count; i++)
		if (strcmp(profile->parameters[i].name, name) == 0)
			return &profile->parameters[i];
	return NULL;
}

int profile_check_parameter(const struct profile *profile, const char *name,
			    const char *value, struct error *error)
{
	const struct parameter *parameter = find_parameter(profile, name);

	return parameter ? check_value(parameter, value, error)
			 : unknown_parameter(profile, name, error);
}

int profile_check_parameters(const struct profile *profile, const char *const names[],
			     const char *const values[], size_t count,
			     struct error *error)
{
	int r = 0;

	for (size_t i = 0; i < count; i++)
		if (!find_parameter(profile, names[i]))
			return unknown_parameter(profile, names[i], error);
	for (size_t i = 0; r == 0 && i < profile->parameter_count; i++) {
		const struct parameter *parameter = &profile->parameters[i];
		size_t times;
		const char *value = value_of(parameter->name, names, values, count,
					     &times);

		if (times != 1)
			return error_set(
			    error, ERROR_USAGE, "%s %s the parameter %s", profile->name,
			    times ? "takes only once" : "needs", parameter->name);
		r = check_value(parameter, value, error);
	}
	return r;
}
