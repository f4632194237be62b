/* SPDX-License-Identifier: MIT */
#include "broker/enforcement.h"

#include "policy/scope.h"
#include "policy/service.h"

static int add(json_t *list, const char *rule, json_t *by)
{
	return json_array_append_new(list,
				     json_pack("{s:s, s:o}", "rule", rule, "by", by));
}

static bool has_endpoint(const struct scope *scope)
{
	for (size_t i = 0; i < scope->count; i++) {
		const struct statement *statement = &scope->statements[i];
		const struct words *endpoints = statement->service->endpoints
						    ? statement->service->endpoints(
							  statement)
						    : NULL;

		if (endpoints && endpoints->count > 0)
			return true;
	}
	return false;
}

static const char *who_ends(const struct profile *profile, bool has_iam)
{
	if (profile->provision && !has_iam)
		return "nobody, since no session begins: the broker does not write to "
		       "IAM to make its role (iam = off), and refuses every request";
	if (profile->provision)
		return "AWS, in the role's own policy, and the role is destroyed";
	if (has_iam)
		return "AWS, with a Deny on the role, written before the grant is signed";
	return "AWS, in the session policy, and by the agent; a taken-over workstation "
	       "can leave the session policy out and keep the role for its "
	       "MaxSessionDuration";
}

json_t *enforcement_json(const struct profile *profile, bool has_iam)
{
	json_t *list = json_array();
	int r = add(list, "who asks, who approves, how long",
		    json_string("the broker, before it signs anything"));

	if (r == 0)
		r = add(list, "this profile and no other",
			json_sprintf("AWS: the role trusts only grants for "
				     "profile:%s:user:*",
				     profile->name));
	if (r == 0 && profile->parameter_count > 0)
		r = add(list, "the parameters",
			json_string("AWS: they are session tags, signed in the grant"));
	if (r == 0)
		r = add(list, "the access", json_string("AWS: the role's policy"));
	if (r == 0 && has_endpoint(profile->access))
		r = add(list, "the endpoint",
			json_string("AWS: the role's policy, and the endpoint's own"));
	if (r == 0)
		r = add(list, "the end", json_string(who_ends(profile, has_iam)));
	if (r == 0)
		return list;
	json_decref(list);
	return NULL;
}
