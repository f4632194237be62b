/* SPDX-License-Identifier: MIT */
#ifndef BROKER_PROFILES_READING_H
#define BROKER_PROFILES_READING_H

#include <stdatomic.h>

#include "broker/profiles-index.h"
#include "broker/profiles-yaml.h"
#include "broker/profiles.h"

/*
 * The inside of struct profiles, for the files that read one.  Everything
 * small is kept in one list and freed together; hours, scopes and matchers own more.
 */
struct profiles {
	atomic_uint references;
	struct index people; /* of struct person; without regard to case */
	struct index groups;
	struct index accounts;
	struct index rules;     /* of struct named_rule */
	struct index customers; /* of nothing yet: which values have one */
	struct index profiles;
	struct index matchers; /* by their pattern, which parameters share */
	void **kept;
	size_t kept_count, kept_room;
	struct rule **all_rules; /* each once, also those inside others */
	size_t rule_count, rule_room;
};

/* A rule under `approvals:`, read when something names it first. */
struct named_rule {
	char *name;
	struct fy_node *node;
	struct rule *rule; /* NULL until it was read, and after a mistake */
	bool is_being_read, was_read, is_used;
};

/* The group of that name, made if it is not there; NULL when memory is short. */
struct group *reading_group(struct reading *reading, const char *name, unsigned int line);

/* A list of groups that must be there, each once, ending with NULL. */
void reading_groups(struct reading *reading, struct fy_node *node, const char *what,
		    char ***groups);

/* Sections, in the order in which they can be read. */
void reading_accounts(struct reading *reading, struct fy_node *node, void *target);
void reading_people(struct reading *reading, struct fy_node *node, void *target);
void reading_roles(struct reading *reading, struct fy_node *node, void *target);
void reading_customers(struct reading *reading, struct fy_node *node, void *target);
void reading_approvals(struct reading *reading, struct fy_node *node, void *target);
void reading_profiles(struct reading *reading, struct fy_node *node, void *target);

/* Once people and roles were read: members and capabilities. */
void reading_join_people(struct reading *reading);

/* One rule, by name or written out; NULL after a mistake.  depth starts at 0. */
struct rule *reading_rule(struct reading *reading, struct fy_node *node,
			  unsigned int depth);

/* A permissions boundary, into a char *: a managed policy's name or its ARN. */
void reading_boundary(struct reading *reading, struct fy_node *value, void *target);

/* Parameters of one profile. */
void reading_parameters(struct reading *reading, struct fy_node *node,
			struct profile *profile);

/* Fills profile->digest of one without a mistake. */
void reading_digest(struct reading *reading, struct profile *profile);

/* Warns where one person is enough for two rules of an `all`. */
void reading_check_alone(struct reading *reading);

/* What can be said only when all was read. */
void reading_check(struct reading *reading);

#endif
