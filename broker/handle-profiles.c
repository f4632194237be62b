/* SPDX-License-Identifier: MIT */
#include "base/buffer.h"
#include "base/cleanup.h"
#include "broker/routes.h"

#define RULE_WORDS_SIZE 4096

static json_t *parameters_json(const struct profile *profile)
{
	json_t *list = json_array();

	for (size_t i = 0; i < profile->parameter_count; i++) {
		const struct parameter *parameter = &profile->parameters[i];

		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:s}", "name", parameter->name, "pattern",
				    parameter->pattern, "summary",
				    parameter->summary ? parameter->summary : ""));
	}
	return list;
}

static json_t *profile_json(const struct profile *profile, const struct person *person)
{
	scoped(buffer_done) struct buffer words = BUFFER_WITH_LIMIT(RULE_WORDS_SIZE);

	if (rules_describe(profile->approval, &words) < 0)
		return NULL;
	return json_pack(
	    "{s:s, s:s, s:s, s:I, s:I, s:b, s:s, s:o}", "name", profile->name, "summary",
	    profile->summary ? profile->summary : "", "account_id", profile->account->id,
	    "longest_seconds", (json_int_t)profile->longest_seconds, "usual_seconds",
	    (json_int_t)profile->usual_seconds, "may_ask",
	    (int)profile_may_be_asked_by(profile, person), "approval",
	    words.bytes ? words.bytes : "", "parameters", parameters_json(profile));
}

int handle_profiles(struct broker *broker, struct call *call, json_t **answer,
		    struct error *error)
{
	json_auto_t *list = json_array();
	const struct profile *profile;

	(void)broker;
	for (size_t i = 0; (profile = profiles_profile_at(call->profiles, i)); i++)
		if (json_array_append_new(list, profile_json(profile, call->person)) < 0)
			return error_set(error, ERROR_INTERNAL, "out of memory");
	*answer = json_pack("{s:O}", "profiles", list);
	return 0;
}
