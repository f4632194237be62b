/* SPDX-License-Identifier: MIT */
#include "base/buffer.h"
#include "base/cleanup.h"
#include "broker/routes.h"
#include "broker/rules.h"

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
	scoped(buffer_done) struct buffer words = BUFFER_WITH_LIMIT(RULE_TEXT_MAX);

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

/*
 * Adds profiles in the file's order, all or those that the caller may ask for, as
 * far as an answer has room.  1 if it had, 0 if not, or error_set().
 */
static int list_profiles(const struct call *call, bool all, json_t *list,
			 struct error *error)
{
	const struct profile *profile;
	size_t bytes = 0;

	for (size_t i = 0; (profile = profiles_profile_at(call->profiles, i)); i++) {
		json_t *json;

		if (!all && !profile_may_be_asked_by(profile, call->person))
			continue;
		json = profile_json(profile, call->person);
		bytes += json_dumpb(json, NULL, 0, JSON_COMPACT) + 1;
		if (bytes > CALL_ANSWER_MAX - 1024) {
			json_decref(json);
			return 0;
		}
		if (json_array_append_new(list, json) < 0)
			return error_set(error, ERROR_INTERNAL, "out of memory");
	}
	return 1;
}

int handle_profiles(struct broker *broker, struct call *call, json_t **answer,
		    struct error *error)
{
	json_auto_t *list = json_array();
	int r = list_profiles(call, true, list, error);

	(void)broker;
	if (r == 0) {
		json_array_clear(list);
		r = list_profiles(call, false, list, error);
	}
	if (r < 0)
		return r;
	return call_answered(answer, json_pack("{s:O}", "profiles", list), error);
}
