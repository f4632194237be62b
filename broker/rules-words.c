/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "broker/rules-tree.h"

#define NAMES_SHOWN 5U

static int add_word(struct ruling *ruling, const char *word)
{
	for (size_t i = 0; i < ruling->count; i++)
		if (strcasecmp(ruling->words[i], word) == 0)
			return 0;
	if (ruling->count == RULE_WORDS_MAX)
		return 0;
	if (ruling->count == RULE_WORDS_MAX - 1)
		word = "and others";
	ruling->words[ruling->count] = strdup(word);
	if (!ruling->words[ruling->count])
		return -ENOMEM;
	ruling->count++;
	return 0;
}

static int by_name(const void *left, const void *right)
{
	const struct person *const *a = left, *const *b = right;

	return strcasecmp((*a)->name, (*b)->name);
}

/* The same people in the same order whatever order they decided in. */
static int words_of_approvers(const struct rule *rule, const struct rule_facts *facts,
			      struct ruling *ruling)
{
	const struct person *people[RULE_WORDS_MAX];
	const struct group *group = profiles_group(facts->profiles, rule->group);
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; group && i < group->member_count && count < RULE_WORDS_MAX;
	     i++)
		if (rule_names(rule, facts, group->members[i]) &&
		    rule_decided(facts, group->members[i], VERDICT_APPROVE))
			people[count++] = group->members[i];
	qsort(people, count, sizeof(*people), by_name);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_word(ruling, people[i]->name);
	return r;
}

static int words_of_conditions(const struct rule *rule, struct ruling *ruling)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(RULE_TEXT_MAX);
	int r = rules_describe(rule, &text);

	return r < 0 ? r : add_word(ruling, text.bytes);
}

int rule_words_met(const struct rule *rule, const struct rule_facts *facts,
		   struct ruling *ruling)
{
	int r = 0;

	if (rule->kind == RULE_CONDITIONS)
		return words_of_conditions(rule, ruling);
	if (rule->kind != RULE_ANY && rule->kind != RULE_ALL)
		return words_of_approvers(rule, facts, ruling);
	for (struct rule **child = rule->children; r == 0 && *child; child++) {
		if (rule_standing(*child, facts) != STANDING_MET)
			continue;
		r = rule_words_met(*child, facts, ruling);
		if (rule->kind == RULE_ANY)
			break; /* they are tried in their order */
	}
	return r;
}

/* Who could still say yes, the first NAMES_SHOWN of them in shown; how many in all. */
static size_t find_candidates(const struct rule *rule, const struct rule_facts *facts,
			      const struct person *shown[static NAMES_SHOWN])
{
	const struct group *group = profiles_group(facts->profiles, rule->group);
	size_t count = 0;

	for (size_t i = 0; group && i < group->member_count; i++) {
		const struct person *person = group->members[i];

		if (!rule_names(rule, facts, person) ||
		    rule_decided(facts, person, VERDICT_APPROVE) ||
		    rule_decided(facts, person, VERDICT_DENY))
			continue;
		if (count < NAMES_SHOWN)
			shown[count] = person;
		count++;
	}
	return count;
}

/* "bob, carl or dora", or "… or 7 others". */
static int print_candidates(const struct rule *rule, const struct rule_facts *facts,
			    struct buffer *out)
{
	const struct person *shown[NAMES_SHOWN] = { NULL };
	size_t count = find_candidates(rule, facts, shown), kept;
	int r = 0;

	kept = count > NAMES_SHOWN ? NAMES_SHOWN : count;
	for (size_t i = 0; r == 0 && i < kept; i++)
		r = buffer_print(out, "%s%s",
				 i == 0           ? ": "
				 : i + 1 == count ? " or "
						  : ", ",
				 shown[i]->name);
	if (r == 0 && count > kept)
		r = buffer_print(out, " or %zu others", count - kept);
	return r;
}

static size_t approved_count(const struct rule *rule, const struct rule_facts *facts)
{
	const struct group *group = profiles_group(facts->profiles, rule->group);
	size_t count = 0;

	for (size_t i = 0; group && i < group->member_count; i++)
		if (rule_names(rule, facts, group->members[i]) &&
		    rule_decided(facts, group->members[i], VERDICT_APPROVE))
			count++;
	return count;
}

static int print_waiting(const struct rule *rule, const struct rule_facts *facts,
			 struct buffer *out);

/* The children that wait; one that never will be met helps nobody to read. */
static int print_children(const struct rule *rule, const struct rule_facts *facts,
			  struct buffer *out)
{
	const char *between = rule->kind == RULE_ALL ? " and " : "; or ";
	bool is_first = true;
	int r = 0;

	for (struct rule **child = rule->children; r == 0 && *child; child++) {
		if (rule_standing(*child, facts) != STANDING_WAITS)
			continue;
		if (!is_first)
			r = buffer_print(out, "%s", between);
		if (r == 0)
			r = print_waiting(*child, facts, out);
		is_first = false;
	}
	return r;
}

static int print_waiting(const struct rule *rule, const struct rule_facts *facts,
			 struct buffer *out)
{
	size_t approved;
	int r;

	if (rule->kind == RULE_ANY || rule->kind == RULE_ALL)
		return print_children(rule, facts, out);
	if (rule->kind == RULE_CONDITIONS)
		return rules_describe(rule, out);
	approved = approved_count(rule, facts);
	r = buffer_print(out, "%zu %sof %s", rule_count(rule) - approved,
			 approved ? "more " : "", rule->group);
	return r < 0 ? r : print_candidates(rule, facts, out);
}

/* Each thing that is needed is a word of its own; alternatives share one. */
int rule_words_waiting(const struct rule *rule, const struct rule_facts *facts,
		       struct ruling *ruling)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(RULE_TEXT_MAX);
	int r = 0;

	if (rule->kind == RULE_ALL) {
		for (struct rule **child = rule->children; r == 0 && *child; child++)
			if (rule_standing(*child, facts) == STANDING_WAITS)
				r = rule_words_waiting(*child, facts, ruling);
		return r;
	}
	r = print_waiting(rule, facts, &text);
	if (r == -EMSGSIZE)
		r = 0; /* what fitted is said */
	return r < 0 ? r : add_word(ruling, text.bytes);
}

static int describe_children(const struct rule *rule, struct buffer *out)
{
	int r = buffer_print(out, "%s of: ", rule->kind == RULE_ALL ? "all" : "any");

	for (struct rule **child = rule->children; r == 0 && *child; child++) {
		bool nests = (*child)->kind == RULE_ANY || (*child)->kind == RULE_ALL;

		if (child != rule->children)
			r = buffer_print(out, "; ");
		if (r == 0 && nests)
			r = buffer_print(out, "(");
		if (r == 0)
			r = rules_describe(*child, out);
		if (r == 0 && nests)
			r = buffer_print(out, ")");
	}
	return r;
}

static int describe_conditions(const struct rule *rule, struct buffer *out)
{
	char duration[DURATION_TEXT_SIZE];
	int r = 0;

	if (rule->hours)
		r = buffer_print(out, "hours %s", rule->hours->text);
	if (r == 0 && rule->badge_within_seconds)
		r = buffer_print(out, "%sbadge within %s", rule->hours ? " and " : "",
				 duration_format(rule->badge_within_seconds, duration));
	return r;
}

int rules_describe(const struct rule *rule, struct buffer *out)
{
	switch (rule->kind) {
	case RULE_ANY:
	case RULE_ALL:
		return describe_children(rule, out);
	case RULE_ADMINISTRATOR:
		return buffer_print(out, "1 administrator of %s", rule->group);
	case RULE_PEER:
		return buffer_print(out, "%u peer%s of %s", rule->count,
				    rule->count == 1 ? "" : "s", rule->group);
	case RULE_CUSTOMER:
		return buffer_print(out, "the customer named by %s", rule->customer_of);
	case RULE_CONDITIONS:
		break;
	}
	return describe_conditions(rule, out);
}
