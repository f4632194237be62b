/* SPDX-License-Identifier: MIT */
#ifndef BROKER_RULES_TREE_H
#define BROKER_RULES_TREE_H

#include "broker/rules.h"

/*
 * What one rule says at one moment.  A rule that waits may still be met, by a
 * person or by time; one that can't be met never approves.
 */
enum standing {
	STANDING_MET,
	STANDING_WAITS,
	STANDING_NEVER,
};

enum standing rule_standing(const struct rule *rule, const struct rule_facts *facts);

/* administrator: 1; peer: its count. */
unsigned int rule_count(const struct rule *rule);

/* Whether a person's approval would count for a rule about people. */
bool rule_names(const struct rule *rule, const struct rule_facts *facts,
		const struct person *person);

/* Whether the person's first decision is that verdict. */
bool rule_decided(const struct rule_facts *facts, const struct person *person,
		  enum verdict verdict);

/* Adds the words of a rule that waits, or of one that is met.  0 or -ENOMEM. */
int rule_words_waiting(const struct rule *rule, const struct rule_facts *facts,
		       struct ruling *ruling);
int rule_words_met(const struct rule *rule, const struct rule_facts *facts,
		   struct ruling *ruling);

#endif
