/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>

#include "broker/profiles-reading.h"

/*
 * Rules side by side in an `all` are often meant for two people.  Each counts the
 * approvals of its own group, so somebody who is in both groups meets both alone.
 */
struct pair {
	const struct rule *one, *other; /* about people, of one approval each */
	const struct person *person;    /* who is enough for both */
};

static bool is_of_one_person(const struct rule *rule)
{
	return (rule->kind == RULE_ADMINISTRATOR || rule->kind == RULE_PEER) &&
	       rule->count == 1 && rule->group;
}

static const struct person *in_both(const struct reading *reading, const struct rule *one,
				    const struct rule *other)
{
	const struct group *group = index_find(&reading->profiles->groups, one->group);

	for (size_t i = 0; group && i < group->member_count; i++)
		if (person_is_in(group->members[i], other->group))
			return group->members[i];
	return NULL;
}

/* Goes into the alternatives of other, then of one. */
/* NOLINTNEXTLINE(misc-no-recursion): the depth of a rule is bounded when it is read */
static bool find_pair(const struct reading *reading, const struct rule *one,
		      const struct rule *other, struct pair *pair)
{
	if (one->kind == RULE_ANY) {
		for (struct rule **child = one->children; child && *child; child++)
			if (find_pair(reading, *child, other, pair))
				return true;
		return false;
	}
	if (other->kind == RULE_ANY)
		return find_pair(reading, other, one, pair);
	if (!is_of_one_person(one) || !is_of_one_person(other))
		return false;
	*pair = (struct pair){ one, other, in_both(reading, one, other) };
	return pair->person;
}

static void check_all(struct reading *reading, const struct rule *rule)
{
	struct pair pair;

	for (struct rule **one = rule->children; one && *one; one++)
		for (struct rule **other = one + 1; *other; other++) {
			if (!find_pair(reading, *one, *other, &pair))
				continue;
			yaml_finding(reading, false, rule->line,
				     "groups that nobody shares, or a peer with a count",
				     "one yes of '%s', who is in '%s' and '%s', meets "
				     "two rules of this 'all'; it is not for two people",
				     pair.person->name, pair.one->group,
				     pair.other->group);
			return;
		}
}

void reading_check_alone(struct reading *reading)
{
	for (size_t i = 0; i < reading->profiles->rule_count; i++)
		if (reading->profiles->all_rules[i]->kind == RULE_ALL)
			check_all(reading, reading->profiles->all_rules[i]);
}
