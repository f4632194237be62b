/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "base/text.h"
#include "broker/commands.h"
#include "broker/explain.h"

#define WORDS_MAX 8192

const struct option_rule options_explain[] = {
	{ "for", "DURATION", "how long; the profile's usual time if left out" },
	{ NULL, NULL, NULL },
};

/* A person's words, escaped, whatever their length. */
static void print_text(const char *label, const char *text)
{
	char shown[WORDS_MAX];

	printf("  %-9s %s\n", label, text_escape(text, shown, sizeof(shown)));
}

static void print_list(const char *label, const json_t *list)
{
	json_t *line;
	size_t i;

	json_array_foreach(list, i, line)
	{
		print_text(i == 0 ? label : "", json_string_value(line));
	}
}

static int duration(const struct options *options, const struct profile *profile,
		    int64_t *seconds, struct error *error)
{
	char longest[DURATION_TEXT_SIZE];
	int r;

	*seconds = profile->usual_seconds;
	r = option_seconds(options, "for", seconds, error);
	if (r == 0 && *seconds > profile->longest_seconds)
		r = error_set(error, ERROR_LIMIT, "%s is for at most %s", profile->name,
			      duration_format(profile->longest_seconds, longest));
	return r;
}

static const char *member(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* "tenant=acme, like [a-z]+: the customer's id" */
static void print_parameters(const json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		const char *value = member(item, "value");
		const char *summary = member(item, "summary");
		char line[WORDS_MAX];

		snprintf(line, sizeof(line), "%s%s%s, like %s%s%s", member(item, "name"),
			 value ? "=" : "", value ? value : "", member(item, "pattern"),
			 summary ? ": " : "", summary ? summary : "");
		print_text(i == 0 ? "parameter" : "", line);
	}
}

/* "support (ann, bob)" */
static void print_group(const char *label, const json_t *group)
{
	scoped(buffer_done) struct buffer line = BUFFER_WITH_LIMIT(WORDS_MAX);
	const json_t *people = json_object_get(group, "people");
	int r = buffer_print(&line, "%s (", member(group, "group"));
	size_t count = json_array_size(people);

	for (size_t i = 0; r == 0 && i < count; i++)
		r = buffer_print(&line, "%s%s", i > 0 ? ", " : "",
				 json_string_value(json_array_get(people, i)));
	if (r == 0)
		r = buffer_print(&line, "%s)", count == 0 ? "nobody" : "");
	print_text(label, line.bytes);
}

static void print_groups(const json_t *list)
{
	json_t *group;
	size_t i;

	json_array_foreach(list, i, group)
	{
		print_group(i == 0 ? "for" : "", group);
	}
}

static void print_enforced(const json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		char line[WORDS_MAX];

		snprintf(line, sizeof(line), "%s: by %s", member(item, "rule"),
			 member(item, "by"));
		print_text(i == 0 ? "enforced" : "", line);
	}
}

static void print_time(const struct profile *profile, int64_t ends_at, int64_t now)
{
	scoped(buffer_done) struct buffer until = BUFFER_WITH_LIMIT(WORDS_MAX);
	char usual[DURATION_TEXT_SIZE], longest[DURATION_TEXT_SIZE];

	if (policy_until_words(ends_at, now, &until) == 0)
		printf("  %-9s %s if approved now; usually %s, at most %s\n", "time",
		       until.bytes, duration_format(profile->usual_seconds, usual),
		       duration_format(profile->longest_seconds, longest));
}

static void print_profile(const struct profile *profile, const json_t *json,
			  int64_t ends_at, int64_t now)
{
	char shown[WORDS_MAX];

	printf(
	    "%s%s%s\n", profile->name, profile->summary ? ": " : "",
	    text_escape(profile->summary ? profile->summary : "", shown, sizeof(shown)));
	print_list("access", json_object_get(json, "access"));
	print_time(profile, ends_at, now);
	print_parameters(json_object_get(json, "parameters"));
	print_groups(json_object_get(json, "who"));
	print_text("approval", member(json, "approval"));
	print_text("role", member(json, "role_arn"));
	print_enforced(json_object_get(json, "enforced"));
}

static int print_names(const struct options *options, const struct profiles *profiles,
		       struct error *error)
{
	const struct profile *profile;
	char shown[WORDS_MAX];

	if (options->json)
		return output_json(explain_list(profiles), error);
	for (size_t i = 0; (profile = profiles_profile_at(profiles, i)); i++)
		printf("%-20s %s\n", profile->name,
		       text_escape(profile->summary ? profile->summary : "", shown,
				   sizeof(shown)));
	return 0;
}

int command_explain(const struct options *options, struct error *error)
{
	scoped(subject_done) struct subject subject = { .path = NULL };
	int64_t now = clock_wall_seconds(&clock_system), seconds = 0;
	json_auto_t *json = NULL;
	int r = subject_open(options, &subject, error);

	if (r < 0)
		return r;
	if (!subject.profile)
		return print_names(options, subject.profiles, error);
	r = duration(options, subject.profile, &seconds, error);
	if (r == 0)
		r = explain_profile(&subject, now + seconds, &json, error);
	if (r < 0)
		return r;
	if (options->json)
		return output_json(json_incref(json), error);
	print_profile(subject.profile, json, now + seconds, now);
	return 0;
}
