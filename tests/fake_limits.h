/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_LIMITS_H
#define TESTS_FAKE_LIMITS_H

#include <jansson.h>
#include <sodium.h>

#include "tests/fake_state.h"

/*
 * STS's sessions of fake_iam.h, and DynamoDB's DescribeLimits, which judges them by the
 * Denies without a date in the document of their role and answers in AWS's words.
 */
static json_t *fake_claims(const char *token)
{
	const char *payload = strchr(token, '.');
	const char *end = payload ? strchr(payload + 1, '.') : NULL;
	static _Thread_local unsigned char text[4096];
	size_t length = 0;

	if (!end || sodium_base642bin(text, sizeof(text), payload + 1,
				      (size_t)(end - payload - 1), NULL, &length, NULL,
				      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return NULL;
	return json_loadb((const char *)text, length, 0, NULL);
}

static json_t *fake_tag(json_t *claims, const char *name)
{
	return json_array_get(
	    json_object_get(
		json_object_get(json_object_get(claims, "https://aws.amazon.com/tags"),
				"principal_tags"),
		name),
	    0);
}

/* Remembers who it is; refuses a role made for one session that is not there. */
static int fake_assume(struct fake_iam *fake, const char *body, char *out, size_t size)
{
	int next = fake->session_count++ % FAKE_SESSIONS;
	struct fake_session *session = &fake->sessions[next];
	static _Thread_local char token[8192];
	char arn[256];
	const char *name;
	json_t *claims;

	fake_form_value(body, "RoleArn", arn, sizeof(arn));
	name = strrchr(arn, '/') ? strrchr(arn, '/') + 1 : arn;
	if (fake->refuses_all ||
	    (strncmp(name, "jit-r-", 6) == 0 && !fake_role_of(fake, name)->is_made))
		return fake_refuse(out, size, 403,
				   fake->refuses_all ? fake->refuses_all
						     : "AccessDenied");
	claims = fake_claims(
	    fake_form_value(body, "WebIdentityToken", token, sizeof(token)));
	snprintf(session->role, sizeof(session->role), "%s", name);
	snprintf(session->tag, sizeof(session->tag), "%s",
		 claims ? json_string_value(fake_tag(claims, "jit_request")) : "");
	json_decref(claims);
	fake_form_value(body, "RoleSessionName", session->name, sizeof(session->name));
	fake_form_value(body, "Policy", session->policy, sizeof(session->policy));
	snprintf(
	    out, size,
	    "<r><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>"
	    "ASIAPROBE%08d</AccessKeyId><SecretAccessKey>probeprobeprobeprobeprobeprobe"
	    "</SecretAccessKey><SessionToken>token</SessionToken><Expiration>"
	    "2099-01-01T00:00:00Z</Expiration></Credentials>"
	    "</AssumeRoleWithWebIdentityResult></r>",
	    next);
	return 200;
}

static bool fake_names(const json_t *list, const char *tag)
{
	const json_t *item;
	size_t i;

	if (json_is_string(list))
		return strcmp(json_string_value(list), tag) == 0;
	json_array_foreach(list, i, item) if (fake_names(item, tag)) return true;
	return false;
}

static bool fake_denies(const char *document, const char *tag)
{
	json_t *json = json_loads(document, 0, NULL), *statement;
	bool denies = false;
	size_t i;

	json_array_foreach(json_object_get(json, "Statement"), i, statement)
	{
		json_t *condition = json_object_get(statement, "Condition");

		denies |= !json_object_get(condition, "DateGreaterThanEquals") &&
			  fake_names(
			      json_object_get(json_object_get(condition, "StringEquals"),
					      "aws:PrincipalTag/jit_request"),
			      tag);
	}
	json_decref(json);
	return denies;
}

static int fake_limits(struct fake_iam *fake, const char *request, char *out, size_t size)
{
	const char *key = strstr(request, "Credential=ASIAPROBE");
	struct fake_session *session =
	    key ? &fake->sessions[strtoul(key + 20, NULL, 10) % FAKE_SESSIONS] : NULL;
	const char *words = "because no identity-based policy allows the "
			    "dynamodb:DescribeLimits action";

	fake->questions++;
	if (!session || !strstr(request, "/dynamodb/aws4_request"))
		abort();
	if (fake->blind != 0)
		fake->blind -= fake->blind > 0;
	else if (fake->denies_all ||
		 fake_denies(fake_role_of(fake, session->role)->document, session->tag))
		words = "with an explicit deny in an identity-based policy";
	if (fake->words)
		words = fake->words;
	snprintf(out, size,
		 "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\","
		 "\"Message\":\"User: arn:aws:sts::%s:assumed-role/%s/%s is not "
		 "authorized to perform: dynamodb:DescribeLimits %s\"}",
		 fake->account, session->role, session->name, words);
	return 400;
}

#endif
