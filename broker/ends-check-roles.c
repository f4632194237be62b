/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/ends-check.h"
#include "broker/ends-plan.h"
#include "policy/policy.h"

struct looking {
	const char *issuer;
	const struct account *account;
	struct iam *iam;
	struct findings *findings;
	bool is_unreachable; /* said once, and then no more is asked */
};

/* A list of one is that one, and the order of a list says nothing. */
static char *plain_text(const json_t *value);

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static json_t *plain_list(const json_t *list)
{
	size_t count = json_array_size(list), kept = 0;
	char **texts = (char **)calloc(count + 1, sizeof(char *));
	json_t *plain = json_array();

	for (; texts && kept < count; kept++)
		if (!(texts[kept] = plain_text(json_array_get(list, kept))))
			break;
	if (texts && kept == count)
		qsort(texts, count, sizeof(char *), by_text);
	for (size_t i = 0; i < kept; i++) {
		json_array_append_new(plain, json_string(texts[i]));
		json_text_free(texts[i]);
	}
	free(texts);
	return plain;
}

/* NOLINTNEXTLINE(misc-no-recursion): jansson bounds the depth */
static char *plain_text(const json_t *value)
{
	json_auto_t *plain = NULL;
	const char *key;
	json_t *member;

	if (json_is_array(value) && json_array_size(value) == 1)
		return plain_text(json_array_get(value, 0));
	if (json_is_array(value)) {
		plain = plain_list(value);
		return plain ? json_dumps(plain, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
	}
	if (!json_is_object(value))
		return json_dumps(value, JSON_ENCODE_ANY);
	plain = json_object();
	json_object_foreach((json_t *)value, key, member)
	{
		scoped(json_text_freep) char *text = plain_text(member);

		if (!text || json_object_set_new(plain, key, json_string(text)) < 0)
			return NULL;
	}
	return json_dumps(plain, JSON_SORT_KEYS);
}

static bool say_the_same(const char *one, const char *other)
{
	json_auto_t *left = json_parse_object(one, strlen(one), NULL);
	json_auto_t *right = json_parse_object(other, strlen(other), NULL);
	scoped(json_text_freep) char *left_text = left ? plain_text(left) : NULL;
	scoped(json_text_freep) char *right_text = right ? plain_text(right) : NULL;

	return left_text && right_text && strcmp(left_text, right_text) == 0;
}

static int check_trust(struct looking *looking, const struct profile *profile)
{
	const struct place place = { profile->account->region, profile->account->id };
	const struct trust trust = { .issuer = looking->issuer,
				     .profile = profile->name };
	scoped(json_text_freep) char *wanted = NULL;
	scoped(freep) char *document = NULL;

	if (!looking->issuer[0] || policy_trust(&trust, &place, &wanted, NULL) < 0 ||
	    iam_get_role_trust(looking->iam, profile->role, &document, NULL) < 0 ||
	    say_the_same(wanted, document))
		return 0;
	return findings_add(
	    looking->findings, false, profile->line, profile->name,
	    "what 'jit-broker policy DIR PROFILE --trust' prints",
	    "the trust policy of %s is not this broker's for %s: it lets in others, or "
	    "refuses the grants",
	    profile->role, profile->name);
}

static int check_duration(struct looking *looking, const struct profile *profile,
			  const struct iam_role *role)
{
	char most[DURATION_TEXT_SIZE], longest[DURATION_TEXT_SIZE];

	if (role->longest_session_seconds <= ENDS_LONGEST_LEAST ||
	    role->longest_session_seconds <= profile->longest_seconds)
		return 0;
	duration_format(role->longest_session_seconds, most);
	duration_format(profile->longest_seconds, longest);
	return findings_add(looking->findings, false, profile->line, profile->name,
			    "a MaxSessionDuration of 3600 on the role",
			    "%s gives credentials for up to %s, sessions of %s last %s: "
			    "what is out may be %s older than its session; the Deny that "
			    "the broker writes ends it, and stays for so long",
			    profile->role, most, profile->name, longest, most);
}

static int not_looked_at(struct looking *looking, const struct profile *profile, int r,
			 const struct error *why)
{
	looking->is_unreachable = why->kind == ERROR_UNREACHABLE;
	if (r == -ENOENT)
		return findings_add(looking->findings, true, profile->line, profile->name,
				    "jit-broker terraform",
				    "there is no role %s in account %s", profile->role,
				    profile->account->id);
	return findings_add(looking->findings, false, profile->line, profile->name, NULL,
			    "%s was not looked at: %s", profile->role, why->text);
}

static int check_profile(struct looking *looking, const struct profile *profile)
{
	struct iam_role role;
	struct error why = { .text = "" };
	int r = iam_get_role(looking->iam, profile->role, &role, &why);

	if (r < 0)
		return not_looked_at(looking, profile, r, &why);
	r = check_duration(looking, profile, &role);
	return r < 0 ? r : check_trust(looking, profile);
}

static bool has_roles(const struct profiles *profiles, const struct account *account)
{
	const struct profile *profile;

	for (size_t i = 0; (profile = profiles_profile_at(profiles, i)); i++)
		if (profile->account == account && profile->role)
			return true;
	return false;
}

/* The account itself: is one let in, and is it the one that was meant? */
static int open_account(struct looking *looking, struct iam_account *client)
{
	const struct account *account = looking->account;
	struct error why = { .kind = ERROR_NONE };

	if (iam_account_open(client, account->region,
			     account->manager ? account->manager : "", &looking->iam,
			     &why) == 0)
		return 0;
	looking->iam = NULL;
	looking->is_unreachable = why.kind == ERROR_UNREACHABLE;
	return findings_add(looking->findings, !looking->is_unreachable, account->line,
			    NULL, NULL, "account %s: %s", account->name, why.text);
}

static int check_account(struct looking *looking, struct iam_access *access,
			 const struct profiles *profiles)
{
	const struct profile *profile;
	struct iam_account client;
	int r;

	iam_account_init(&client, access, looking->account->id);
	r = open_account(looking, &client);
	for (size_t i = 0; r == 0 && looking->iam && !looking->is_unreachable &&
			   (profile = profiles_profile_at(profiles, i));
	     i++)
		if (profile->account == looking->account && profile->role)
			r = check_profile(looking, profile);
	iam_account_done(&client);
	return r;
}

int ends_check_roles(struct iam_access *access, const struct profiles *profiles,
		     const char *issuer, struct findings *findings)
{
	struct looking looking = { .issuer = issuer, .findings = findings };
	int r = 0;

	for (size_t i = 0; r == 0 && !looking.is_unreachable &&
			   (looking.account = profiles_account_at(profiles, i));
	     i++)
		if (has_roles(profiles, looking.account))
			r = check_account(&looking, access, profiles);
	return r;
}
