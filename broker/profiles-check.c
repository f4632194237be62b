/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker/profiles-reading.h"
#include "broker/rules-tree.h"
#include "policy/scope.h"

/*
 * What can be said only when all of a file was read: what nothing uses, and
 * what never could be approved.
 */
#define ASKERS_TRIED 32U
#define WEEK_MINUTES (7 * 24 * 60)
#define MONDAY ((int64_t)1704067200) /* 2024-01-01 */
#define HALF_YEAR ((int64_t)26 * 7 * 86400)

static void check_named_rules(struct reading *reading)
{
	const struct named_rule *named;

	for (size_t i = 0; (named = index_at(&reading->profiles->rules, i)); i++)
		if (!named->is_used)
			yaml_finding(reading, true, yaml_line(named->node), NULL,
				     "no profile uses the rule '%s'; one that was meant "
				     "to may ask for too little",
				     named->name);
}

static bool is_used(const struct scope *scope, const char *name)
{
	for (size_t i = 0; i < scope->parameter_count; i++)
		if (strcmp(scope->parameters[i].name, name) == 0)
			return scope->parameters[i].is_used;
	return false;
}

static void check_parameters(struct reading *reading, const struct profile *profile)
{
	for (size_t i = 0; profile->access && i < profile->parameter_count; i++)
		if (!is_used(profile->access, profile->parameters[i].name))
			yaml_finding(reading, true, profile->line, NULL,
				     "access never uses the parameter '%s': whoever "
				     "approves it for one value lets in to all",
				     profile->parameters[i].name);
}

/* NOLINTNEXTLINE(misc-no-recursion): the depth of a rule is bounded when it is read */
static void check_customers(struct reading *reading, const struct profile *profile,
			    const struct rule *rule)
{
	const char *name = rule->customer_of;

	for (struct rule **child = rule->children; child && *child; child++)
		check_customers(reading, profile, *child);
	if (rule->kind != RULE_CUSTOMER || !name)
		return;
	for (size_t i = 0; i < profile->parameter_count; i++)
		if (strcmp(profile->parameters[i].name, name) == 0)
			return;
	yaml_finding(reading, true, profile->line, NULL,
		     "its approval asks the customer named by '%s' (line %u), which is "
		     "no parameter of it",
		     name, rule->line);
}

static bool could_approve(const struct reading *reading, const struct profile *profile,
			  const char *requester)
{
	struct rule_facts facts = { .profiles = reading->profiles,
				    .profile = profile,
				    .requester = requester };

	return rule_standing(profile->approval, &facts) != STANDING_NEVER;
}

/* Whether anyone who may ask could have it approved; of many the first few tell. */
static void check_people(struct reading *reading, const struct profile *profile)
{
	size_t tried = 0;

	for (char **name = profile->who; name && *name; name++) {
		const struct group *group = index_find(&reading->profiles->groups, *name);

		for (size_t i = 0; group && i < group->member_count; i++) {
			if (!person_may(group->members[i], CAPABILITY_ASK))
				continue;
			if (tried++ >= ASKERS_TRIED ||
			    could_approve(reading, profile, group->members[i]->name))
				return;
		}
	}
	yaml_finding(reading, false, profile->line, NULL,
		     tried ? "nobody who may ask for it could have it approved, so every "
			     "request would be refused"
			   : "nobody may ask for it: no one in 'who' has 'ask' under "
			     "roles");
}

/* NOLINTNEXTLINE(misc-no-recursion): the depth of a rule is bounded when it is read */
static unsigned int count_hours(const struct rule *rule)
{
	unsigned int count = rule->hours != NULL;

	for (struct rule **child = rule->children; child && *child; child++)
		count += count_hours(*child);
	return count;
}

/* Whether it could be met at that second if everybody said yes. */
/* NOLINTNEXTLINE(misc-no-recursion): the depth of a rule is bounded when it is read */
static bool could_hold_at(const struct rule *rule, int64_t seconds)
{
	bool is_all = rule->kind == RULE_ALL;

	if (!rule->children)
		return !rule->hours || hours_include(rule->hours, seconds);
	for (struct rule **child = rule->children; *child; child++)
		if (could_hold_at(*child, seconds) != is_all)
			return !is_all;
	return is_all;
}

/* Two hours of one `all` may share no minute: a week of winter and of summer tell. */
static void check_hours(struct reading *reading, const struct profile *profile)
{
	if (count_hours(profile->approval) < 2)
		return;
	for (int minute = 0; minute < WEEK_MINUTES; minute++)
		if (could_hold_at(profile->approval, MONDAY + (int64_t)minute * 60) ||
		    could_hold_at(profile->approval,
				  MONDAY + HALF_YEAR + (int64_t)minute * 60))
			return;
	yaml_finding(reading, true, profile->line, "hours that overlap",
		     "the hours of its approval have no minute in common, so it never "
		     "could be approved");
}

static void check_groups(struct reading *reading)
{
	const struct group *group;

	for (size_t i = 0; (group = index_at(&reading->profiles->groups, i)); i++) {
		bool is_named = group->capabilities != 0;
		const struct profile *profile;

		for (size_t j = 0;
		     !is_named && (profile = index_at(&reading->profiles->profiles, j));
		     j++)
			for (char **who = profile->who; !is_named && who && *who; who++)
				is_named = strcmp(*who, group->name) == 0;
		if (!is_named)
			yaml_finding(reading, false, group->line, NULL,
				     "the group '%s' may do nothing: it is not under "
				     "roles",
				     group->name);
	}
}

/* By account, then role, then line; profiles with a role of their own last. */
static int by_role(const void *a, const void *b)
{
	const struct profile *one = *(const struct profile *const *)a;
	const struct profile *other = *(const struct profile *const *)b;
	int order = !one->role - !other->role;

	if (order == 0 && one->role)
		order = strcmp(one->account->id, other->account->id);
	if (order == 0 && one->role)
		order = strcasecmp(one->role, other->role);
	return order ? order : (one->line > other->line) - (one->line < other->line);
}

static bool share_role(const struct profile *one, const struct profile *other)
{
	return one->role && other->role && strcasecmp(one->role, other->role) == 0 &&
	       strcmp(one->account->id, other->account->id) == 0;
}

/* What is on a role goes to all who may become it. */
static void check_roles(struct reading *reading)
{
	size_t count = 0;
	struct profile **sorted;

	while (index_at(&reading->profiles->profiles, count))
		count++;
	sorted = reading_keep(reading, (count + 1) * sizeof(*sorted));
	if (!sorted)
		return;
	for (size_t i = 0; i < count; i++)
		sorted[i] = index_at(&reading->profiles->profiles, i);
	qsort(sorted, count, sizeof(*sorted), by_role);
	for (size_t i = 1; i < count; i++) {
		if (!share_role(sorted[i - 1], sorted[i]))
			continue;
		reading->profile = sorted[i]->name;
		yaml_finding(reading, false, sorted[i]->line, "a role of its own",
			     "the role '%s' is that of '%s' too (line %u), so each gets "
			     "what the other may",
			     sorted[i]->role, sorted[i - 1]->name, sorted[i - 1]->line);
	}
	reading->profile = NULL;
}

void reading_check(struct reading *reading)
{
	struct profile *profile;

	for (size_t i = 0; (profile = index_at(&reading->profiles->profiles, i)); i++) {
		reading->profile = profile->name;
		check_parameters(reading, profile);
		if (!profile->approval)
			continue;
		check_customers(reading, profile, profile->approval);
		if (findings_have_error(reading->findings))
			continue;
		check_people(reading, profile);
		check_hours(reading, profile);
	}
	reading->profile = NULL;
	if (findings_have_error(reading->findings))
		return;
	check_roles(reading);
	check_named_rules(reading);
	reading_check_alone(reading);
	check_groups(reading);
	if (findings_have_error(reading->findings))
		return;
	for (size_t i = 0; (profile = index_at(&reading->profiles->profiles, i)); i++)
		reading_digest(reading, profile);
}
