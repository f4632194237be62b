/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/output.h"
#include "broker/commands.h"
#include "broker/subject.h"

const struct option_rule options_policy[] = {
	{ "role", NULL, "what the role may do (this one, unless another is named)" },
	{ "trust", NULL, "who may become the role" },
	{ "session", NULL, "what goes with each STS call" },
	{ "endpoint", "[=ID]", "the policy of that VPC endpoint; of each without ID" },
	{ "ends-at", "TIME", "the session's end, as 2026-11-24T15:30:00Z" },
	{ "verbose", NULL, "say on stderr how long it is, and what AWS takes" },
	{ NULL, NULL, NULL },
};

struct making {
	const struct options *options;
	const struct subject *subject;
	int64_t ends_at;
	char **json;
	struct error *error;
};

/* The end stands in the policy of a role that lives no longer. */
static int make_role(const struct making *making)
{
	const struct profile *profile = making->subject->profile;

	return policy_role(profile->access, &making->subject->place,
			   profile->provision ? making->ends_at : 0, making->json,
			   making->error);
}

static int make_trust(const struct making *making)
{
	const struct settings *settings = &making->subject->settings;
	const struct trust trust = { .issuer = settings->url,
				     .profile = making->subject->profile->name };

	if (!settings->url[0])
		return error_set(making->error, ERROR_USAGE,
				 "%s/%s has no url, which AWS knows the broker by; set "
				 "url = https://HOST",
				 settings->directory, SETTINGS_FILE);
	return policy_trust(&trust, &making->subject->place, making->json, making->error);
}

static int make_session(const struct making *making)
{
	return policy_session(making->subject->profile->access, &making->subject->place,
			      making->ends_at, making->json, making->error);
}

static int make_endpoint(const struct making *making)
{
	scoped(freep) char *role_arn = subject_role_arn(making->subject);
	const char *endpoint = option_value(making->options, "endpoint");

	if (!role_arn)
		return error_set(making->error, ERROR_INTERNAL, "out of memory");
	return policy_endpoint(making->subject->profile->access, &making->subject->place,
			       *endpoint ? endpoint : NULL, role_arn, making->json,
			       making->error);
}

static const struct document_kind {
	const char *option;
	const char *name;
	int most; /* characters */
	int (*make)(const struct making *making);
} kinds[] = {
	{ "role", "the role's policy", POLICY_ROLE_MAX, make_role },
	{ "trust", "the trust policy", POLICY_TRUST_MAX, make_trust },
	{ "session", "the session policy", POLICY_SESSION_MAX, make_session },
	{ "endpoint", "the endpoint's policy", POLICY_ENDPOINT_MAX, make_endpoint },
};

static int choose(const struct options *options, const struct document_kind **kind,
		  struct error *error)
{
	*kind = NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!option_value(options, kinds[i].option))
			continue;
		if (*kind)
			return error_set(error, ERROR_USAGE,
					 "--%s and --%s are two documents; name one",
					 (*kind)->option, kinds[i].option);
		*kind = &kinds[i];
	}
	if (!*kind)
		*kind = &kinds[0];
	return 0;
}

/* For people on lines of their own; for programs the bytes that AWS is given. */
static int print(const struct options *options, const char *json, struct error *error)
{
	json_auto_t *document = NULL;

	if (options->json) {
		puts(json);
		return 0;
	}
	document = json_loads(json, 0, NULL);
	if (!document || json_dumpf(document, stdout, JSON_INDENT(2)) < 0)
		return error_set(error, ERROR_INTERNAL, "cannot print the document");
	puts("");
	return 0;
}

int command_policy(const struct options *options, struct error *error)
{
	scoped(subject_done) struct subject subject = { .path = NULL };
	scoped(json_text_freep) char *json = NULL;
	const struct document_kind *kind = NULL;
	struct making making = { options, &subject, 0, &json, error };
	int64_t usual = clock_wall_seconds(&clock_system);
	int r = choose(options, &kind, error);

	if (r == 0)
		r = subject_open(options, &subject, error);
	if (r < 0)
		return r;
	assert(subject.profile); /* there are two arguments */
	usual += subject.profile->usual_seconds;
	r = subject_time(options, "ends-at", usual, &making.ends_at, error);
	if (r == 0)
		r = kind->make(&making);
	if (r < 0)
		return r;
	if (option_value(options, "verbose"))
		fprintf(stderr, "%s: %zu characters, AWS takes %d\n", kind->name,
			strlen(json), kind->most);
	return print(options, json, error);
}
