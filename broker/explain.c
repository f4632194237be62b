/* SPDX-License-Identifier: MIT */
#include "broker/explain.h"

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "broker/enforcement.h"
#include "broker/rules.h"
#include "broker/terms.h"

/* {"NAME": "VALUE"} of those that are given. */
static json_t *values_json(const struct subject *subject)
{
	json_t *values = json_object();

	for (size_t i = 0; i < subject->binding_count; i++)
		json_object_set_new(values, subject->bindings[i].name,
				    json_string(subject->bindings[i].value));
	return values;
}

static json_t *parameters_json(const struct subject *subject)
{
	const struct profile *profile = subject->profile;
	json_t *list = json_array();

	for (size_t i = 0; i < profile->parameter_count; i++) {
		const struct parameter *parameter = &profile->parameters[i];

		json_array_append_new(
		    list,
		    json_pack("{s:s, s:s?, s:s, s:s?}", "name", parameter->name, "value",
			      subject_value(subject, parameter->name), "pattern",
			      parameter->pattern, "summary", parameter->summary));
	}
	return list;
}

static json_t *groups_json(const struct subject *subject)
{
	json_t *list = json_array();

	for (char **name = subject->profile->who; *name; name++) {
		const struct group *group = profiles_group(subject->profiles, *name);
		json_t *members = json_array();

		for (size_t i = 0; group && i < group->member_count; i++)
			if (person_may(group->members[i], CAPABILITY_ASK))
				json_array_append_new(
				    members, json_string(group->members[i]->name));
		json_array_append_new(
		    list, json_pack("{s:s, s:o}", "group", *name, "people", members));
	}
	return list;
}

int explain_profile(const struct subject *subject, int64_t ends_at, json_t **json,
		    struct error *error)
{
	const struct profile *profile = subject->profile;
	scoped(buffer_done) struct buffer rules = BUFFER_WITH_LIMIT(RULE_TEXT_MAX);
	scoped(freep) char *role_arn = subject_role_arn(subject);
	json_auto_t *values = values_json(subject);
	json_t *access = NULL;
	char end[TIME_TEXT_SIZE];

	int r = terms_access(profile, values, &access, error);

	if (r < 0)
		return r;
	if (!role_arn || rules_describe(profile->approval, &rules) < 0) {
		json_decref(access);
		return error_set(error, ERROR_INTERNAL, "out of memory");
	}
	*json = json_pack(
	    "{s:s, s:s?, s:o, s:o, s:o, s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:o}",
	    "profile", profile->name, "summary", profile->summary, "parameters",
	    parameters_json(subject), "access", access, "who", groups_json(subject),
	    "approval", rules.bytes, "usual_seconds", (json_int_t)profile->usual_seconds,
	    "longest_seconds", (json_int_t)profile->longest_seconds, "ends_at",
	    time_format(ends_at, end), "account_id", profile->account->id, "region",
	    profile->account->region, "role_arn", role_arn, "enforced",
	    enforcement_json(profile, settings_iam_is_on(&subject->settings)));
	return *json ? 0 : error_set(error, ERROR_INTERNAL, "out of memory");
}

json_t *explain_list(const struct profiles *profiles)
{
	const struct profile *profile;
	json_t *list = json_array();

	for (size_t i = 0; (profile = profiles_profile_at(profiles, i)); i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:s?}", "name", profile->name,
						"summary", profile->summary));
	return json_pack("{s:o}", "profiles", list);
}
