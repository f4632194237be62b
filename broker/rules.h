/* SPDX-License-Identifier: MIT */
#ifndef BROKER_RULES_H
#define BROKER_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "broker/profiles.h"

/*
 * Who must approve: each rule a pure function of the request, the decisions
 * so far and the time.  No I/O, no state; the same input gives the same
 * outcome with the same reasons.
 */
enum verdict {
	VERDICT_APPROVE,
	VERDICT_DENY,
};

struct decision {
	const char *user;
	enum verdict verdict;
	int64_t at_seconds;
};

struct rule_facts {
	const struct profiles *profiles;
	const struct profile *profile;
	const char *requester;
	const struct decision *decisions;
	size_t decision_count;
	int64_t now_seconds;
};

enum outcome {
	OUTCOME_APPROVED,
	OUTCOME_PENDING, /* somebody's decision, or a later hour, could still approve */
	OUTCOME_DENIED,  /* somebody said no */
	OUTCOME_IMPOSSIBLE, /* nobody there is could approve */
};

#define RULE_WORDS_MAX 16

/* What came out, and why, in words that a person reads. */
struct ruling {
	enum outcome outcome;
	char *words[RULE_WORDS_MAX]; /* approved: by whom or what, "bob", "hours Mon-Fri
					..."; */
	size_t count; /* pending: what is still needed, "1 more of support (bob)" */
};

/*
 * Judges a request.  One valid denial denies, by anyone whose approval would
 * count.  The requester's own decision never counts, nor one of a person
 * whom no rule of the profile names, nor a second one of the same person.
 * Returns 0 or -ENOMEM; ruling_done() it.
 */
int rules_judge(const struct rule_facts *facts, struct ruling *ruling);
void ruling_done(struct ruling *ruling);

/* Whether that person's decision would count for this request. */
bool rules_may_decide(const struct rule_facts *facts, const struct person *person);

/*
 * The rule tree in one line of words, as GET /v1/profiles shows it; of the largest
 * that can be read it is no longer than RULE_TEXT_MAX.
 */
#define RULE_TEXT_MAX ((size_t)16 * 1024)
int rules_describe(const struct rule *rule, struct buffer *out);

#endif
