/* SPDX-License-Identifier: MIT */
#include "broker/grants.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "broker/keys.h"

/* The three tags that every session has. */
#define OWN_TAGS 3

/* What a source identity and a tag both take: the name is both. */
static const char name_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz"
				   "0123456789_=.@-";
/* ASCII of AWS's [\p{L}\p{Z}\p{N}_.:/=+\-@]*; no more is offered. */
static const char tag_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz"
				  "0123456789 _.:/=+-@";

static int check_tag(const char *name, const char *value, struct error *error)
{
	if (strlen(name) > GRANT_TAG_KEY_MAX || strlen(value) > GRANT_TAG_VALUE_MAX)
		return error_set(error, ERROR_LIMIT,
				 "%s is longer than a session tag can be",
				 TEXT_ESCAPED(name));
	if (value[strspn(value, tag_letters)])
		return error_set(error, ERROR_USAGE,
				 "%s has a character that a session tag cannot have: "
				 "letters, digits, spaces and _.:/=+-@ are fine",
				 TEXT_ESCAPED(name));
	return 0;
}

int grant_check(const char *user, const char *profile, json_t *parameters,
		struct error *error)
{
	const char *name;
	json_t *value;

	if (strlen(user) < 2 || user[strspn(user, name_letters)])
		return error_set(
		    error, ERROR_USAGE,
		    "the name %s cannot be a source identity and a tag: AWS wants 2 to "
		    "64 of letters, digits and _=.@-",
		    user);
	if (strlen("profile::user:") + strlen(profile) + strlen(user) > GRANT_SUBJECT_MAX)
		return error_set(error, ERROR_LIMIT,
				 "the names of %s and %s are too long", profile, user);
	if (json_object_size(parameters) > GRANT_TAGS_MAX - OWN_TAGS)
		return error_set(error, ERROR_LIMIT, "%s has more parameters than tags",
				 profile);
	json_object_foreach(parameters, name, value)
	{
		int r = check_tag(name, json_string_value(value), error);

		if (r < 0)
			return r;
	}
	return 0;
}

static void add_tag(json_t *tags, json_t *keys, const char *name, const char *value)
{
	json_object_set_new(tags, name, json_pack("[s]", value));
	json_array_append_new(keys, json_string(name));
}

/* docs.aws.amazon.com, IAM User Guide, "Passing session tags using
 * AssumeRoleWithWebIdentity" */
static json_t *tags_claim(const struct request *request)
{
	json_auto_t *tags = json_object();
	json_auto_t *keys = json_array();
	const char *name;
	json_t *value;

	add_tag(tags, keys, "jit_request", request->id);
	add_tag(tags, keys, "jit_profile", request->profile);
	add_tag(tags, keys, "jit_user", request->user);
	json_object_foreach(request->parameters, name, value)
	{
		add_tag(tags, keys, name, json_string_value(value));
	}
	return json_pack("{s:O, s:O}", "principal_tags", tags, "transitive_tag_keys",
			 keys);
}

json_t *grant_claims(const char *issuer, const struct request *request, const char *jti,
		     int64_t now_seconds)
{
	char subject[GRANT_SUBJECT_MAX + 1];
	int64_t expires = now_seconds + GRANT_LIFETIME_SECONDS;

	if (expires > request->ends_at)
		expires = request->ends_at;
	snprintf(subject, sizeof(subject), "profile:%s:user:%s", request->profile,
		 request->user);
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:o, s:s}", "iss", issuer,
			 "aud", GRANT_AUDIENCE, "sub", subject, "iat",
			 (json_int_t)now_seconds, "nbf", (json_int_t)now_seconds, "exp",
			 (json_int_t)expires, "jti", jti, "https://aws.amazon.com/tags",
			 tags_claim(request), "https://aws.amazon.com/source_identity",
			 request->user);
}

int64_t grant_duration(const struct request *request, int64_t now_seconds)
{
	int64_t left = request->ends_at - now_seconds;

	if (left < GRANT_DURATION_LEAST)
		return GRANT_DURATION_LEAST;
	return left > GRANT_DURATION_MOST ? GRANT_DURATION_MOST : left;
}
