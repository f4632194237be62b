/* SPDX-License-Identifier: MIT */
#include "broker/terms.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "broker/provision-name.h"
#include "policy/policy.h"

#define WORDS_MAX 8192

static int out_of_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

/* The caller frees *bindings; names and values stay the JSON object's. */
static int bind_parameters(json_t *parameters, struct binding **bindings)
{
	struct binding *next = calloc(json_object_size(parameters) + 1, sizeof(*next));
	const char *name;
	json_t *value;

	*bindings = next;
	if (!next)
		return -1;
	json_object_foreach(parameters, name,
			    value) *next++ = (struct binding){ name,
							       json_string_value(value) };
	return 0;
}

int terms_check_parameters(const struct profile *profile, json_t *parameters,
			   struct error *error)
{
	size_t count = 0, most = json_object_size(parameters);
	scoped(freep) const char **names = calloc(most + 1, sizeof(*names));
	scoped(freep) const char **values = calloc(most + 1, sizeof(*values));
	const char *name;
	json_t *value;

	if (!names || !values)
		return out_of_memory(error);
	json_object_foreach(parameters, name, value)
	{
		names[count] = name;
		values[count] = json_string_value(value);
		if (!values[count++])
			return error_set(error, ERROR_USAGE, "a parameter is not text");
	}
	return profile_check_parameters(profile, names, values, count, error);
}

int terms_access(const struct profile *profile, json_t *parameters, json_t **access,
		 struct error *error)
{
	scoped(freep) struct binding *bindings = NULL;
	json_auto_t *list = json_array();
	size_t count = json_object_size(parameters);

	if (!list || bind_parameters(parameters, &bindings) < 0)
		return out_of_memory(error);
	for (size_t i = 0; i < policy_statement_count(profile->access); i++) {
		scoped(buffer_done) struct buffer words = BUFFER_WITH_LIMIT(WORDS_MAX);

		if (policy_statement_words(profile->access, i, bindings, count, &words) <
			0 ||
		    json_array_append_new(list, json_string(words.bytes)) < 0)
			return error_set(error, ERROR_INTERNAL,
					 "cannot say what %s allows", profile->name);
	}
	*access = take(list);
	return 0;
}

int terms_check_role(const struct profile *profile, bool has_iam, struct error *error)
{
	if (profile->role || has_iam)
		return 0;
	return error_set(error, ERROR_USAGE,
			 "%s wants a role of its own for each session, and this broker "
			 "does not write to IAM to make one (iam = off)",
			 profile->name);
}

int terms_place(const struct profile *profile, struct request *request,
		struct error *error)
{
	struct place place = { profile->account->region, profile->account->id };

	request->account_id = strdup(place.account_id);
	request->region = strdup(place.region);
	request->role_arn = profile->role ? policy_role_arn(&place, profile->role)
					  : provision_role_arn(profile, request->id);
	if (!request->account_id || !request->region || !request->role_arn)
		return out_of_memory(error);
	return 0;
}

int terms_session_policy(const struct profile *profile, int64_t ends_at, char **text,
			 struct error *error)
{
	struct place place = { profile->account->region, profile->account->id };

	return policy_session(profile->access, &place, ends_at, text, error);
}
