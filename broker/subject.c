/* SPDX-License-Identifier: MIT */
#include "broker/subject.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"

#define ARN_MAX 2048

void subject_done(struct subject *subject)
{
	profiles_unref(subject->profiles);
	free(subject->path);
	free(subject->bindings);
	subject->profiles = NULL;
	subject->path = NULL;
	subject->bindings = NULL;
}

static int load(struct subject *subject, struct error *error)
{
	scoped(findings_done) struct findings findings = { .count = 0 };

	subject->path = settings_path(&subject->settings, subject->settings.profiles);
	if (!subject->path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return settings_load_profiles(&subject->settings, &subject->profiles, &findings,
				      error);
}

static int find_profile(struct subject *subject, const char *directory, const char *name,
			struct error *error)
{
	int r;

	subject->profile = profiles_profile(subject->profiles, name);
	if (!subject->profile) {
		r = error_set(error, ERROR_NOT_FOUND, "there is no profile %s in %s",
			      TEXT_ESCAPED(name), subject->path);
		error_next(error, "jit-broker explain %s", directory);
		return r;
	}
	subject->place = (struct place){ subject->profile->account->region,
					 subject->profile->account->id };
	return 0;
}

/* Cuts "NAME=VALUE" in two. */
static int bind(struct subject *subject, char *word, struct error *error)
{
	char *value = strchr(word, '=');

	if (!value || value == word)
		return error_set(error, ERROR_USAGE, "a parameter is NAME=VALUE, not %s",
				 TEXT_ESCAPED(word));
	*value++ = '\0';
	if (subject_value(subject, word))
		return error_set(error, ERROR_USAGE, "the parameter %s is given twice",
				 TEXT_ESCAPED(word));
	subject->bindings[subject->binding_count++] = (struct binding){ word, value };
	return profile_check_parameter(subject->profile, word, value, error);
}

static int read_arguments(const struct options *options, struct subject *subject,
			  struct error *error)
{
	int r;

	if (options->count < 2)
		return 0;
	r = find_profile(subject, options->arguments[0], options->arguments[1], error);
	if (r < 0)
		return r;
	subject->bindings = calloc((size_t)options->count, sizeof(*subject->bindings));
	if (!subject->bindings)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	for (int i = 2; r == 0 && i < options->count; i++)
		r = bind(subject, options->arguments[i], error);
	return r;
}

int subject_open(const struct options *options, struct subject *subject,
		 struct error *error)
{
	int r;

	memset(subject, 0, sizeof(*subject));
	r = settings_read(options->arguments[0], &subject->settings, error);
	if (r == 0)
		r = load(subject, error);
	if (r == 0)
		r = read_arguments(options, subject, error);
	if (r < 0)
		subject_done(subject);
	return r;
}

const char *subject_value(const struct subject *subject, const char *name)
{
	for (size_t i = 0; i < subject->binding_count; i++)
		if (strcmp(subject->bindings[i].name, name) == 0)
			return subject->bindings[i].value;
	return NULL;
}

int subject_check_whole(const struct subject *subject, struct error *error)
{
	const struct profile *profile = subject->profile;

	for (size_t i = 0; i < profile->parameter_count; i++)
		if (!subject_value(subject, profile->parameters[i].name))
			return error_set(error, ERROR_USAGE,
					 "%s needs the parameter %s: %s=VALUE",
					 profile->name, profile->parameters[i].name,
					 profile->parameters[i].name);
	return 0;
}

int subject_time(const struct options *options, const char *name, int64_t fallback,
		 int64_t *seconds, struct error *error)
{
	const char *text = option_value(options, name);

	*seconds = fallback;
	if (text && time_parse(text, seconds) < 0)
		return error_set(error, ERROR_USAGE,
				 "--%s %s is no time in UTC; write it like "
				 "2026-11-24T15:30:00Z",
				 name, TEXT_ESCAPED(text));
	return 0;
}

char *subject_role_arn(const struct subject *subject)
{
	const struct profile *profile = subject->profile;
	struct buffer name = BUFFER_WITH_LIMIT(ARN_MAX);
	char *arn = NULL;

	if (profile->role)
		return policy_role_arn(&subject->place, profile->role);
	/* The path has a slash at both ends, and an ARN one of its own. */
	if (buffer_print(&name, "%s*", profile->provision->path + 1) == 0)
		arn = policy_role_arn(&subject->place, name.bytes);
	buffer_done(&name);
	return arn;
}
