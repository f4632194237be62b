/* SPDX-License-Identifier: MIT */
#include "broker/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/rules-tree.h"

/* The earliest counts; of two in the same second the no does, in any order. */
static bool comes_before(const struct decision *a, const struct decision *b)
{
	if (a->at_seconds != b->at_seconds)
		return a->at_seconds < b->at_seconds;
	return a->verdict == VERDICT_DENY && b->verdict != VERDICT_DENY;
}

static const struct decision *decision_of(const struct rule_facts *facts,
					  const char *user)
{
	const struct decision *first = NULL;

	for (size_t i = 0; i < facts->decision_count; i++) {
		const struct decision *decision = &facts->decisions[i];

		if (strcasecmp(decision->user, user) == 0 &&
		    (!first || comes_before(decision, first)))
			first = decision;
	}
	return first;
}

bool rule_decided(const struct rule_facts *facts, const struct person *person,
		  enum verdict verdict)
{
	const struct decision *decision = decision_of(facts, person->name);

	return decision && decision->verdict == verdict;
}

bool rule_names(const struct rule *rule, const struct rule_facts *facts,
		const struct person *person)
{
	return (rule->kind == RULE_ADMINISTRATOR || rule->kind == RULE_PEER) &&
	       strcasecmp(person->name, facts->requester) != 0 &&
	       person_may(person, CAPABILITY_APPROVE) &&
	       person_is_in(person, rule->group);
}

unsigned int rule_count(const struct rule *rule)
{
	return rule->kind == RULE_PEER ? rule->count : 1;
}

static size_t approvals_of(const struct rule *rule, const struct rule_facts *facts)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->decision_count; i++) {
		const struct decision *decision = &facts->decisions[i];
		const struct person *person = profiles_person(facts->profiles,
							      decision->user);

		if (person && decision->verdict == VERDICT_APPROVE &&
		    decision_of(facts, person->name) == decision &&
		    rule_names(rule, facts, person))
			count++;
	}
	return count;
}

/* One who has said no already cannot say yes any more. */
static bool has_candidates(const struct rule *rule, const struct rule_facts *facts,
			   size_t wanted)
{
	const struct group *group = profiles_group(facts->profiles, rule->group);
	size_t found = 0;

	for (size_t i = 0; group && i < group->member_count && found < wanted; i++)
		if (rule_names(rule, facts, group->members[i]) &&
		    !rule_decided(facts, group->members[i], VERDICT_DENY))
			found++;
	return found >= wanted;
}

static enum standing standing_of_people(const struct rule *rule,
					const struct rule_facts *facts)
{
	size_t wanted = rule_count(rule);

	if (approvals_of(rule, facts) >= wanted)
		return STANDING_MET;
	return has_candidates(rule, facts, wanted) ? STANDING_WAITS : STANDING_NEVER;
}

/* There is no badge reader to ask, so a rule about one is never met. */
static enum standing standing_of_conditions(const struct rule *rule,
					    const struct rule_facts *facts)
{
	if (rule->badge_within_seconds || !rule->hours)
		return STANDING_NEVER;
	return hours_include(rule->hours, facts->now_seconds) ? STANDING_MET
							      : STANDING_WAITS;
}

/* `all` is as good as its worst child, `any` as its best; STANDING_MET is least. */
static enum standing standing_of_children(const struct rule *rule,
					  const struct rule_facts *facts)
{
	bool is_all = rule->kind == RULE_ALL;
	enum standing result = is_all ? STANDING_MET : STANDING_NEVER;

	if (!rule->children || !rule->children[0])
		return STANDING_NEVER;
	for (struct rule **child = rule->children; *child; child++) {
		enum standing standing = rule_standing(*child, facts);

		if (is_all ? standing > result : standing < result)
			result = standing;
	}
	return result;
}

/* NOLINTNEXTLINE(misc-no-recursion): the depth of a rule is bounded when it is read */
enum standing rule_standing(const struct rule *rule, const struct rule_facts *facts)
{
	switch (rule->kind) {
	case RULE_ANY:
	case RULE_ALL:
		return standing_of_children(rule, facts);
	case RULE_ADMINISTRATOR:
	case RULE_PEER:
		return standing_of_people(rule, facts);
	case RULE_CONDITIONS:
		return standing_of_conditions(rule, facts);
	case RULE_CUSTOMER: /* no way to ask one yet */
		break;
	}
	return STANDING_NEVER;
}

static bool is_named_in(const struct rule *rule, const struct rule_facts *facts,
			const struct person *person)
{
	if (rule->kind != RULE_ANY && rule->kind != RULE_ALL)
		return rule_names(rule, facts, person);
	for (struct rule **child = rule->children; child && *child; child++)
		if (is_named_in(*child, facts, person))
			return true;
	return false;
}

bool rules_may_decide(const struct rule_facts *facts, const struct person *person)
{
	return facts->profile->approval &&
	       is_named_in(facts->profile->approval, facts, person);
}

static const struct person *who_denied(const struct rule_facts *facts)
{
	const struct decision *first = NULL;
	const struct person *denier = NULL;

	for (size_t i = 0; i < facts->decision_count; i++) {
		const struct decision *decision = &facts->decisions[i];
		const struct person *person = profiles_person(facts->profiles,
							      decision->user);

		if (!person || decision->verdict != VERDICT_DENY ||
		    decision_of(facts, person->name) != decision ||
		    !rules_may_decide(facts, person))
			continue;
		if (!first || decision->at_seconds < first->at_seconds ||
		    (decision->at_seconds == first->at_seconds &&
		     strcasecmp(person->name, denier->name) < 0)) {
			first = decision;
			denier = person;
		}
	}
	return denier;
}

static int denied_by(const struct person *person, struct ruling *ruling)
{
	ruling->outcome = OUTCOME_DENIED;
	ruling->words[0] = strdup(person->name);
	if (!ruling->words[0])
		return -ENOMEM;
	ruling->count = 1;
	return 0;
}

static int impossible(struct ruling *ruling)
{
	ruling->outcome = OUTCOME_IMPOSSIBLE;
	ruling->words[0] = strdup("nobody there is could approve it");
	if (!ruling->words[0])
		return -ENOMEM;
	ruling->count = 1;
	return 0;
}

int rules_judge(const struct rule_facts *facts, struct ruling *ruling)
{
	const struct rule *rule = facts->profile->approval;
	const struct person *denier = who_denied(facts);
	enum standing standing = rule ? rule_standing(rule, facts) : STANDING_NEVER;
	struct ruling new = { .outcome = OUTCOME_IMPOSSIBLE };
	int r;

	if (denier) {
		r = denied_by(denier, &new);
	} else if (standing == STANDING_NEVER) {
		r = impossible(&new);
	} else if (standing == STANDING_MET) {
		new.outcome = OUTCOME_APPROVED;
		r = rule_words_met(rule, facts, &new);
	} else {
		new.outcome = OUTCOME_PENDING;
		r = rule_words_waiting(rule, facts, &new);
	}
	if (r < 0) {
		ruling_done(&new);
		return r;
	}
	*ruling = new;
	return 0;
}

void ruling_done(struct ruling *ruling)
{
	for (size_t i = 0; i < ruling->count; i++)
		free(ruling->words[i]);
	ruling->count = 0;
}
