/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "broker/access.h"
#include "broker/profiles-reading.h"
#include "broker/request.h"

#define LONGEST_MAX ((int64_t)7 * 86400)
#define ROLE_NAME_MAX 64
#define PATH_MAX_LENGTH 64

#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

struct draft {
	struct profile *profile;
	struct fy_node *access; /* for when all else of the profile is known */
};

static void read_summary(struct reading *reading, struct fy_node *value, void *target)
{
	struct draft *draft = target;
	char shown[512];

	draft->profile->summary = yaml_word(reading, value, "a summary");
	if (draft->profile->summary &&
	    strcmp(text_escape(draft->profile->summary, shown, sizeof(shown)),
		   draft->profile->summary) != 0)
		yaml_error(reading, value, "one line of plain text, under 500 characters",
			   "the summary is too long, or holds characters that show as "
			   "something else");
}

static void read_account(struct reading *reading, struct fy_node *value, void *target)
{
	struct draft *draft = target;
	char *name = yaml_name(reading, value, "an account");
	const char *nearest;

	if (!name)
		return;
	draft->profile->account = index_find(&reading->profiles->accounts, name);
	if (draft->profile->account)
		return;
	nearest = index_nearest(&reading->profiles->accounts, name);
	yaml_error(reading, value, nearest ? nearest : "a name under accounts",
		   "there is no account '%s'%s%s%s", name,
		   nearest ? "; did you mean '" : "", nearest ? nearest : "",
		   nearest ? "'?" : "");
}

/* IAM, CreateRole: [\w+=,.@-]{1,64} */
static void read_role(struct reading *reading, struct fy_node *value, void *target)
{
	struct draft *draft = target;
	char *role = yaml_word(reading, value, "a role");

	draft->profile->role = role;
	if (!role)
		return;
	if (strncmp(role, "arn:", 4) == 0)
		yaml_error(
		    reading, value, "its name alone",
		    "a role goes by its name; the account says the rest of the ARN");
	else if (strlen(role) > ROLE_NAME_MAX ||
		 role[strspn(role, ALPHANUMERIC "_+=,.@-")])
		yaml_error(reading, value,
			   "letters, digits and _ + = , . @ -, at most 64",
			   "'%s' cannot be the name of a role", TEXT_ESCAPED(role));
}

static void read_path(struct reading *reading, struct fy_node *value, void *target)
{
	char *path = yaml_word(reading, value, "a path");
	size_t length;

	*(char **)target = path;
	if (!path)
		return;
	length = strlen(path);
	if (length < 3 || length > PATH_MAX_LENGTH || path[0] != '/' ||
	    path[length - 1] != '/' || strstr(path, "//") ||
	    path[strspn(path, ALPHANUMERIC "/_+=,.@-")])
		yaml_error(reading, value, "/jit/",
			   "'%s' is no path of roles: those that the broker makes are "
			   "under it, and it destroys what is left of them there",
			   TEXT_ESCAPED(path));
}

static void read_provision(struct reading *reading, struct fy_node *value, void *target)
{
	static const struct yaml_key keys[] = {
		{ "path", true, read_path, offsetof(struct provision, path) },
		{ "boundary", false, reading_boundary,
		  offsetof(struct provision, boundary) },
		{ 0 },
	};
	struct draft *draft = target;
	struct provision *provision = reading_keep(reading, sizeof(*provision));

	if (!provision)
		return;
	draft->profile->provision = provision;
	yaml_read_mapping(reading, value, "provision", keys, provision);
}

static void read_who(struct reading *reading, struct fy_node *value, void *target)
{
	struct draft *draft = target;

	reading_groups(reading, value, "who", &draft->profile->who);
}

static void check_least(struct reading *reading, struct fy_node *value, int64_t seconds)
{
	if (seconds > 0 && seconds < REQUEST_SECONDS_LEAST)
		yaml_error(
		    reading, value, "15m",
		    "credentials are given up 30 s before the end of a session, so "
		    "one of less than 31 s has none");
}

static void read_longest(struct reading *reading, struct fy_node *value, void *target)
{
	struct draft *draft = target;

	yaml_read_duration(reading, value, &draft->profile->longest_seconds);
	check_least(reading, value, draft->profile->longest_seconds);
	if (draft->profile->longest_seconds > LONGEST_MAX)
		yaml_error(reading, value, "at most 7d",
			   "access for more than seven days is no access for the moment");
}

static void read_usual(struct reading *reading, struct fy_node *value, void *target)
{
	struct draft *draft = target;

	yaml_read_duration(reading, value, &draft->profile->usual_seconds);
	check_least(reading, value, draft->profile->usual_seconds);
	if (draft->profile->longest_seconds &&
	    draft->profile->usual_seconds > draft->profile->longest_seconds)
		yaml_error(reading, value, "at most longest",
			   "the usual duration is longer than the longest one, so every "
			   "request that names none would be refused");
}

static void read_parameters(struct reading *reading, struct fy_node *value, void *target)
{
	struct draft *draft = target;

	reading_parameters(reading, value, draft->profile);
}

static void read_approval(struct reading *reading, struct fy_node *value, void *target)
{
	struct draft *draft = target;

	draft->profile->approval = reading_rule(reading, value, 0);
}

struct break_glass {
	char **who, **review;
	int64_t within_seconds;
	char *alert;
};

static void read_group_list(struct reading *reading, struct fy_node *value, void *target)
{
	reading_groups(reading, value, "break_glass", target);
}

static void read_break_glass(struct reading *reading, struct fy_node *value, void *target)
{
	static const struct yaml_key keys[] = {
		{ "who", true, read_group_list, offsetof(struct break_glass, who) },
		{ "review", true, read_group_list, offsetof(struct break_glass, review) },
		{ "within", true, yaml_read_duration,
		  offsetof(struct break_glass, within_seconds) },
		{ "alert", false, yaml_read_word, offsetof(struct break_glass, alert) },
		{ 0 },
	};
	struct break_glass read = { 0 };

	(void)target;
	yaml_read_mapping(reading, value, "break_glass", keys, &read);
	yaml_warning(reading, value, NULL,
		     "this version has no way to break the glass: it lets nobody in "
		     "without the profile's approval");
}

static void read_access(struct reading *reading, struct fy_node *value, void *target)
{
	struct draft *draft = target;

	if (yaml_is_list(reading, value, "access"))
		draft->access = value;
}

/* access comes last: it may name what the others define. */
static const struct yaml_key keys[] = {
	{ "summary", false, read_summary, 0 },
	{ "account", true, read_account, 0 },
	{ "role", false, read_role, 0 },
	{ "provision", false, read_provision, 0 },
	{ "who", true, read_who, 0 },
	{ "longest", true, read_longest, 0 },
	{ "usual", false, read_usual, 0 },
	{ "parameters", false, read_parameters, 0 },
	{ "approval", true, read_approval, 0 },
	{ "break_glass", false, read_break_glass, 0 },
	{ "access", true, read_access, 0 },
	{ 0 },
};

static void check_role(struct reading *reading, struct fy_node *key,
		       const struct profile *profile)
{
	if (profile->role && profile->provision)
		yaml_error(reading, key, "one of the two",
			   "the profile has both 'role' and 'provision', so nobody could "
			   "say which role a session gets");
	else if (!profile->role && !profile->provision)
		yaml_error(reading, key, "role: NAME, or provision: { path: /jit/ }",
			   "the profile has neither 'role' nor 'provision', so there is "
			   "nothing to become");
}

static void parse_access(struct reading *reading, const struct draft *draft)
{
	size_t before = reading->findings->count;
	int r;

	if (!draft->access)
		return;
	r = access_parse(draft->access, draft->profile, &draft->profile->access,
			 reading->findings);
	if (r == -ENOMEM)
		reading->r = r;
	else if (r < 0 && reading->findings->count == before)
		yaml_error(reading, draft->access, NULL, "access cannot be understood");
}

static void read_profile(struct reading *reading, char *name, struct fy_node *key,
			 struct fy_node *value, void *target)
{
	struct profile *profile = reading_keep(reading, sizeof(*profile));
	struct draft draft = { .profile = profile };

	(void)target;
	if (!profile || index_add(&reading->profiles->profiles, name, profile) < 0) {
		reading->r = -ENOMEM;
		return;
	}
	profile->name = name;
	profile->line = yaml_line(key);
	profile->summary = reading_keep(reading, 1);
	reading->profile = name;
	yaml_read_mapping(reading, value, "a profile", keys, &draft);
	if (!profile->usual_seconds)
		profile->usual_seconds = profile->longest_seconds;
	if (!profile->who)
		profile->who = reading_keep(reading, sizeof(*profile->who));
	if (fy_node_is_mapping(value))
		check_role(reading, key, profile);
	parse_access(reading, &draft);
	reading->profile = NULL;
}

void reading_profiles(struct reading *reading, struct fy_node *node, void *target)
{
	yaml_each_name(reading, node, "a profile", read_profile, target);
}
