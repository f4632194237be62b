/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "broker/profiles-reading.h"

/*
 * Rules share what they name, so a small file could mean an endless tree:
 * each is bounded in depth, and in how many rules it is when written out.
 */
#define RULE_DEPTH_MAX 8
#define RULE_SIZE_MAX 64U
#define PEERS_MAX 20

static struct rule *new_rule(struct reading *reading, enum rule_kind kind,
			     unsigned int line)
{
	struct profiles *profiles = reading->profiles;
	struct rule *rule = reading_keep(reading, sizeof(*rule));

	if (!rule)
		return NULL;
	if (profiles->rule_count == profiles->rule_room) {
		size_t room = profiles->rule_room ? profiles->rule_room * 2 : 16;
		struct rule **list = reallocarray(profiles->all_rules, room,
						  sizeof(*list));

		if (!list) {
			reading->r = -ENOMEM;
			return NULL;
		}
		profiles->all_rules = list;
		profiles->rule_room = room;
	}
	profiles->all_rules[profiles->rule_count++] = rule;
	rule->kind = kind;
	rule->line = line;
	rule->size = 1;
	return rule;
}

static void read_approving_group(struct reading *reading, struct fy_node *value,
				 void *target)
{
	struct rule *rule = target;
	char **names = NULL;
	const struct group *group;

	if (!fy_node_is_scalar(value)) {
		yaml_error(reading, value, NULL, "an approval names one group");
		return;
	}
	reading_groups(reading, value, "an approval", &names);
	if (!names || !names[0])
		return;
	rule->group = names[0];
	group = index_find(&reading->profiles->groups, rule->group);
	if (group && !(group->capabilities & CAPABILITY_APPROVE))
		yaml_error(reading, value, "a group that has 'approve' under roles",
			   "the group '%s' may not approve, so this never would hold",
			   rule->group);
}

static void read_count(struct reading *reading, struct fy_node *value, void *target)
{
	struct rule *rule = target;
	char *text = yaml_word(reading, value, "a count");
	unsigned int count = 0;

	if (!text)
		return;
	if (strlen(text) <= 2 && strspn(text, "0123456789") == strlen(text))
		for (const char *digit = text; *digit; digit++)
			count = count * 10 + (unsigned int)(*digit - '0');
	if (count < 1 || count > PEERS_MAX)
		yaml_error(reading, value, "a number from 1 to 20",
			   "'%s' is no number of people", TEXT_ESCAPED(text));
	rule->count = count;
}

static void read_administrator(struct reading *reading, struct fy_node *value,
			       struct rule *rule, unsigned int depth)
{
	static const struct yaml_key keys[] = {
		{ "group", true, read_approving_group, 0 },
		{ 0 },
	};

	(void)depth;
	rule->count = 1;
	yaml_read_mapping(reading, value, "administrator", keys, rule);
}

static void read_peer(struct reading *reading, struct fy_node *value, struct rule *rule,
		      unsigned int depth)
{
	static const struct yaml_key keys[] = {
		{ "group", true, read_approving_group, 0 },
		{ "count", false, read_count, 0 },
		{ 0 },
	};

	(void)depth;
	rule->count = 1;
	yaml_read_mapping(reading, value, "peer", keys, rule);
}

static void read_customer_rule(struct reading *reading, struct fy_node *value,
			       struct rule *rule, unsigned int depth)
{
	static const struct yaml_key keys[] = {
		{ "of", true, yaml_read_word, offsetof(struct rule, customer_of) },
		{ 0 },
	};

	(void)depth;
	yaml_read_mapping(reading, value, "customer", keys, rule);
	yaml_warning(reading, value, "administrator or peer",
		     "this version cannot ask customers, so this rule never approves");
}

static void read_hours(struct reading *reading, struct fy_node *value, void *target)
{
	struct rule *rule = target;
	char *text = yaml_word(reading, value, "hours");
	struct error error = { .text = "" };
	int r;

	if (!text)
		return;
	r = hours_parse(text, &rule->hours, &error);
	if (r == -ENOMEM)
		reading->r = r;
	else if (r < 0)
		yaml_error(reading, value, "\"Mon-Fri 09:00-18:00 Europe/Berlin\"", "%s",
			   error.text);
}

static void read_badge(struct reading *reading, struct fy_node *value, void *target)
{
	static const struct yaml_key keys[] = {
		{ "within", true, yaml_read_duration,
		  offsetof(struct rule, badge_within_seconds) },
		{ 0 },
	};

	yaml_read_mapping(reading, value, "badge", keys, target);
	yaml_warning(reading, value, "hours alone, together with a peer",
		     "this version reads no badges, so this rule never approves");
}

static void read_conditions(struct reading *reading, struct fy_node *value,
			    struct rule *rule, unsigned int depth)
{
	static const struct yaml_key keys[] = {
		{ "hours", false, read_hours, 0 },
		{ "badge", false, read_badge, 0 },
		{ 0 },
	};

	(void)depth;
	yaml_read_mapping(reading, value, "conditions", keys, rule);
	if (fy_node_is_mapping(value) && fy_node_mapping_item_count(value) == 0)
		yaml_error(reading, value, "hours or badge",
			   "conditions without one would never hold");
}

static void count_child(struct reading *reading, struct fy_node *node, struct rule *rule,
			const struct rule *child)
{
	bool was_small = rule->size <= RULE_SIZE_MAX;

	if (child->depth + 1 > rule->depth)
		rule->depth = child->depth + 1;
	rule->size += child->size;
	if (was_small && rule->size > RULE_SIZE_MAX)
		yaml_error(reading, node, "fewer rules",
			   "written out, this is more than %u rules; nobody could say "
			   "what it asks for",
			   RULE_SIZE_MAX);
	if (rule->size > RULE_SIZE_MAX)
		rule->size = RULE_SIZE_MAX + 1;
}

static void read_children(struct reading *reading, struct fy_node *value,
			  struct rule *rule, unsigned int depth)
{
	size_t count = yaml_count(value), kept = 0;

	if (!yaml_is_list(reading, value, rule->kind == RULE_ALL ? "all" : "any"))
		return;
	if (count == 0)
		yaml_error(reading, value, NULL, "a list of no rules never approves");
	rule->children = reading_keep(reading, (count + 1) * sizeof(*rule->children));
	for (size_t i = 0; rule->children && i < count; i++) {
		struct fy_node *item = yaml_at(value, i);
		struct rule *child = reading_rule(reading, item, depth + 1);

		if (!child)
			continue;
		for (size_t j = 0; j < kept; j++)
			if (rule->children[j] == child)
				yaml_error(reading, item, NULL,
					   "the same rule twice in one list");
		rule->children[kept++] = child;
		count_child(reading, item, rule, child);
	}
}

static const struct {
	const char *name;
	enum rule_kind kind;
	void (*read)(struct reading *reading, struct fy_node *value, struct rule *rule,
		     unsigned int depth);
} kinds[] = {
	{ "any", RULE_ANY, read_children },
	{ "all", RULE_ALL, read_children },
	{ "administrator", RULE_ADMINISTRATOR, read_administrator },
	{ "peer", RULE_PEER, read_peer },
	{ "customer", RULE_CUSTOMER, read_customer_rule },
	{ "conditions", RULE_CONDITIONS, read_conditions },
};
#define KIND_COUNT (sizeof(kinds) / sizeof(*kinds))

static struct rule *unknown_kind(struct reading *reading, struct fy_node *key,
				 const char *name)
{
	const char *nearest = NULL;

	for (size_t i = 0; i < KIND_COUNT && !nearest; i++)
		if (words_distance(name, kinds[i].name) >= 0)
			nearest = kinds[i].name;
	yaml_error(reading, key,
		   nearest ? nearest
			   : "any, all, administrator, peer, customer, conditions",
		   "there is no rule '%s'%s%s%s", TEXT_ESCAPED(name),
		   nearest ? "; did you mean '" : "", nearest ? nearest : "",
		   nearest ? "'?" : "");
	return NULL;
}

static struct rule *read_written_out(struct reading *reading, struct fy_node *node,
				     unsigned int depth)
{
	struct fy_node_pair *pair;
	const char *name;
	struct rule *rule;

	if (!yaml_is_mapping(reading, node, "a rule"))
		return NULL;
	if (fy_node_mapping_item_count(node) != 1) {
		yaml_error(reading, node, "any or all with a list of rules",
			   "a rule is one thing; two side by side would leave open "
			   "whether one is enough");
		return NULL;
	}
	pair = fy_node_mapping_get_by_index(node, 0);
	name = fy_node_get_scalar0(fy_node_pair_key(pair));
	for (size_t i = 0; name && i < KIND_COUNT; i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		rule = new_rule(reading, kinds[i].kind,
				yaml_line(fy_node_pair_key(pair)));
		if (rule)
			kinds[i].read(reading, fy_node_pair_value(pair), rule, depth);
		return rule;
	}
	return unknown_kind(reading, fy_node_pair_key(pair), name ? name : "");
}

static struct rule *read_named(struct reading *reading, struct named_rule *named,
			       unsigned int depth)
{
	if (!named->was_read) {
		named->is_being_read = true;
		named->rule = reading_rule(reading, named->node, depth);
		if (named->rule && !named->rule->name)
			named->rule->name = named->name;
		named->is_being_read = false;
		named->was_read = true;
	}
	return named->rule;
}

static struct rule *find_named(struct reading *reading, struct fy_node *node,
			       unsigned int depth)
{
	char *name = yaml_name(reading, node, "a rule");
	struct named_rule *named;
	const char *nearest;

	if (!name)
		return NULL;
	named = index_find(&reading->profiles->rules, name);
	if (!named) {
		nearest = index_nearest(&reading->profiles->rules, name);
		yaml_error(reading, node, nearest ? nearest : "a name under approvals",
			   "there is no rule named '%s' under approvals%s%s%s", name,
			   nearest ? "; did you mean '" : "", nearest ? nearest : "",
			   nearest ? "'?" : "");
		return NULL;
	}
	named->is_used = true;
	if (named->is_being_read) {
		yaml_error(reading, node, NULL, "the rule '%s' asks for itself", name);
		return NULL;
	}
	return read_named(reading, named, depth);
}

/* NOLINTNEXTLINE(misc-no-recursion): RULE_DEPTH_MAX bounds it */
struct rule *reading_rule(struct reading *reading, struct fy_node *node,
			  unsigned int depth)
{
	struct rule *rule;

	if (depth > RULE_DEPTH_MAX) {
		yaml_error(reading, node, NULL, "rules are nested more than %d deep",
			   RULE_DEPTH_MAX);
		return NULL;
	}
	rule = fy_node_is_scalar(node) ? find_named(reading, node, depth)
				       : read_written_out(reading, node, depth);
	if (rule && depth + rule->depth > RULE_DEPTH_MAX) {
		yaml_error(reading, node, NULL, "rules are nested more than %d deep",
			   RULE_DEPTH_MAX);
		return NULL;
	}
	return rule;
}

static void add_named(struct reading *reading, char *name, struct fy_node *key,
		      struct fy_node *value, void *target)
{
	struct named_rule *named = reading_keep(reading, sizeof(*named));

	(void)key;
	(void)target;
	if (!named)
		return;
	named->name = name;
	named->node = value;
	if (index_add(&reading->profiles->rules, name, named) < 0)
		reading->r = -ENOMEM;
}

/* All names first: a rule may name one that is written further down. */
void reading_approvals(struct reading *reading, struct fy_node *node, void *target)
{
	struct named_rule *named;

	yaml_each_name(reading, node, "a rule", add_named, target);
	for (size_t i = 0; (named = index_at(&reading->profiles->rules, i)); i++)
		read_named(reading, named, 0);
}
