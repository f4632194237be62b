/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "broker/profiles-reading.h"

#define MANAGER_MAX_LENGTH 500 /* what the store has room for */

static const struct {
	const char *name;
	enum capability capability;
} capabilities[] = {
	{ "ask", CAPABILITY_ASK },
	{ "approve", CAPABILITY_APPROVE },
	{ "revoke", CAPABILITY_REVOKE },
	{ "read-audit", CAPABILITY_READ_AUDIT },
};

struct group *reading_group(struct reading *reading, const char *name, unsigned int line)
{
	struct group *group = index_find(&reading->profiles->groups, name);
	size_t size = strlen(name) + 1;

	if (group)
		return group;
	group = reading_keep(reading, sizeof(*group));
	if (!group)
		return NULL;
	group->name = reading_keep(reading, size);
	if (!group->name)
		return NULL;
	memcpy(group->name, name, size);
	group->line = line;
	if (index_add(&reading->profiles->groups, group->name, group) < 0) {
		reading->r = -ENOMEM;
		return NULL;
	}
	return group;
}

static void unknown_group(struct reading *reading, struct fy_node *node, const char *name)
{
	const char *nearest = index_nearest(&reading->profiles->groups, name);

	yaml_error(reading, node, nearest ? nearest : "a group that people are in",
		   "no one is in a group '%s'%s%s%s", TEXT_ESCAPED(name),
		   nearest ? "; did you mean '" : "", nearest ? nearest : "",
		   nearest ? "'?" : "");
}

static bool is_listed(char *const *list, const char *name)
{
	for (; *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

void reading_groups(struct reading *reading, struct fy_node *node, const char *what,
		    char ***groups)
{
	size_t count = yaml_count(node), kept = 0;
	char **list;

	if (count == 0)
		yaml_error(reading, node, NULL, "%s names no group", what);
	if (fy_node_is_mapping(node)) {
		yaml_error(reading, node, NULL, "%s is a group or a list of groups",
			   what);
		return;
	}
	list = reading_keep(reading, (count + 1) * sizeof(*list));
	for (size_t i = 0; list && i < count; i++) {
		struct fy_node *item = yaml_at(node, i);
		char *name = yaml_name(reading, item, "a group");

		if (!name)
			continue;
		if (!index_find(&reading->profiles->groups, name))
			unknown_group(reading, item, name);
		list[kept++] = name;
	}
	if (list)
		*groups = list;
}

static void read_membership(struct reading *reading, struct fy_node *node, void *target)
{
	struct person *person = target;
	size_t count = yaml_count(node), kept = 0;

	if (!yaml_is_list(reading, node, "groups"))
		return;
	person->groups = reading_keep(reading, (count + 1) * sizeof(*person->groups));
	for (size_t i = 0; person->groups && i < count; i++) {
		struct fy_node *item = yaml_at(node, i);
		char *name = yaml_name(reading, item, "a group");
		struct group *group;

		if (!name)
			continue;
		if (is_listed(person->groups, name)) {
			yaml_error(reading, item, NULL, "'%s' is in '%s' twice",
				   person->name, name);
			continue;
		}
		group = reading_group(reading, name, yaml_line(item));
		if (group) {
			group->member_count++;
			person->groups[kept++] = group->name;
		}
	}
}

static void read_person(struct reading *reading, char *name, struct fy_node *key,
			struct fy_node *value, void *target)
{
	static const struct yaml_key keys[] = {
		{ "groups", true, read_membership, 0 },
		{ 0 },
	};
	struct person *person;

	(void)target;
	if (index_find(&reading->profiles->people, name)) {
		yaml_error(reading, key, NULL,
			   "'%s' is there already; people compare without regard to case",
			   name);
		return;
	}
	/* STS, AssumeRoleWithWebIdentity, SourceIdentity: 2 to 64 characters. */
	if (strlen(name) < 2)
		yaml_warning(reading, key, "a name of two characters at least",
			     "AWS takes no source identity of one character, so every "
			     "request of '%s' would be refused",
			     name);
	person = reading_keep(reading, sizeof(*person));
	if (!person)
		return;
	person->name = name;
	yaml_read_mapping(reading, value, "a person", keys, person);
	if (!person->groups)
		person->groups = reading_keep(reading, sizeof(*person->groups));
	if (index_add(&reading->profiles->people, name, person) < 0)
		reading->r = -ENOMEM;
}

void reading_people(struct reading *reading, struct fy_node *node, void *target)
{
	yaml_each_name(reading, node, "a person", read_person, target);
}

static unsigned int capability_of(struct reading *reading, struct fy_node *node)
{
	char *word = yaml_word(reading, node, "what a group may do");

	for (size_t i = 0; word && i < sizeof(capabilities) / sizeof(*capabilities); i++)
		if (strcmp(capabilities[i].name, word) == 0)
			return capabilities[i].capability;
	if (word)
		yaml_error(reading, node, "ask, approve, revoke, read-audit",
			   "'%s' is nothing that a group may do", TEXT_ESCAPED(word));
	return 0;
}

static void read_role(struct reading *reading, char *name, struct fy_node *key,
		      struct fy_node *value, void *target)
{
	struct group *group = index_find(&reading->profiles->groups, name);

	(void)target;
	if (!group) {
		const char *nearest = index_nearest(&reading->profiles->groups, name);

		yaml_warning(reading, key, nearest,
			     "no one is in the group '%s'%s%s%s, so this lets nobody do "
			     "anything",
			     name, nearest ? " (did you mean '" : "",
			     nearest ? nearest : "", nearest ? "'?)" : "");
		group = reading_group(reading, name, yaml_line(key));
	}
	if (!group || !yaml_is_list(reading, value, "what a group may do"))
		return;
	for (size_t i = 0; i < yaml_count(value); i++)
		group->capabilities |= capability_of(reading, yaml_at(value, i));
}

void reading_roles(struct reading *reading, struct fy_node *node, void *target)
{
	yaml_each_name(reading, node, "a role", read_role, target);
}

void reading_join_people(struct reading *reading)
{
	struct profiles *profiles = reading->profiles;
	struct person *person;
	struct group *group;

	for (size_t i = 0; (group = index_at(&profiles->groups, i)); i++) {
		group->members = reading_keep(reading, (group->member_count + 1) *
							   sizeof(*group->members));
		group->member_count = 0;
	}
	for (size_t i = 0; (person = index_at(&profiles->people, i)); i++)
		for (char **name = person->groups; name && *name; name++) {
			group = index_find(&profiles->groups, *name);
			if (!group || !group->members)
				continue;
			group->members[group->member_count++] = person;
			person->capabilities |= group->capabilities;
		}
}

static void read_account_id(struct reading *reading, struct fy_node *value, void *target)
{
	char *id = yaml_word(reading, value, "an account's id");

	if (id && (strlen(id) != 12 || strspn(id, "0123456789") != 12))
		yaml_error(reading, value, "\"123456789012\"",
			   "'%s' is no account id: they have twelve digits",
			   TEXT_ESCAPED(id));
	*(char **)target = id;
}

/* "eu-west-1", "us-gov-east-1", "cn-north-1" */
static bool is_region(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	size_t length = strspn(text, letters), parts = 1;

	if (length != 2 || strlen(text) > 25)
		return false;
	for (text += length; *text == '-'; parts++) {
		length = strspn(++text, letters);
		if (length == 0) {
			length = strspn(text, "0123456789");
			return parts >= 2 && length >= 1 && length <= 2 && !text[length];
		}
		text += length;
	}
	return false;
}

static void read_region(struct reading *reading, struct fy_node *value, void *target)
{
	char *region = yaml_word(reading, value, "a region");

	if (region && !is_region(region))
		yaml_error(reading, value, "eu-west-1",
			   "'%s' is no AWS region's name, so no STS would answer",
			   TEXT_ESCAPED(region));
	*(char **)target = region;
}

/* "arn:aws:iam::123456789012:role/path/NAME", or a role's name alone. */
static bool is_role(const char *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789_+=,.@-";
	const char *name = strrchr(text, '/');

	if (name && (strncmp(text, "arn:", 4) != 0 || !strstr(text, ":role/")))
		return false;
	name = name ? name + 1 : text;
	return *name && strlen(name) <= 64 && name[strspn(name, letters)] == '\0';
}

static void read_manager(struct reading *reading, struct fy_node *value, void *target)
{
	char *manager = yaml_word(reading, value, "a role");

	if (manager && strlen(manager) > MANAGER_MAX_LENGTH)
		yaml_error(reading, value, "a role with a shorter path",
			   "the manager's ARN is longer than %d characters",
			   MANAGER_MAX_LENGTH);
	else if (manager && !is_role(manager))
		yaml_error(reading, value, "jit-broker-manager",
			   "'%s' is neither a role's name nor its ARN",
			   TEXT_ESCAPED(manager));
	*(char **)target = manager;
}

static void read_account(struct reading *reading, char *name, struct fy_node *key,
			 struct fy_node *value, void *target)
{
	static const struct yaml_key keys[] = {
		{ "id", true, read_account_id, offsetof(struct account, id) },
		{ "region", true, read_region, offsetof(struct account, region) },
		{ "manager", false, read_manager, offsetof(struct account, manager) },
		{ "boundary", false, reading_boundary,
		  offsetof(struct account, boundary) },
		{ 0 },
	};
	struct account *account = reading_keep(reading, sizeof(*account));

	(void)target;
	if (!account)
		return;
	account->name = name;
	account->line = yaml_line(key);
	yaml_read_mapping(reading, value, "an account", keys, account);
	if (index_add(&reading->profiles->accounts, name, account) < 0)
		reading->r = -ENOMEM;
}

void reading_accounts(struct reading *reading, struct fy_node *node, void *target)
{
	yaml_each_name(reading, node, "an account", read_account, target);
}

static void read_channel(struct reading *reading, struct fy_node *value, void *target)
{
	char *channel = yaml_word(reading, value, "a channel");

	(void)target;
	if (channel && strcmp(channel, "link") != 0)
		yaml_error(reading, value, "link", "'%s' is no channel to a customer",
			   TEXT_ESCAPED(channel));
}

struct customer {
	char *contact;
	char *channel;
};

static void read_customer(struct reading *reading, char *name, struct fy_node *key,
			  struct fy_node *value, void *target)
{
	static const struct yaml_key keys[] = {
		{ "contact", true, yaml_read_word, offsetof(struct customer, contact) },
		{ "channel", true, read_channel, offsetof(struct customer, channel) },
		{ 0 },
	};
	struct customer *customer = reading_keep(reading, sizeof(*customer));

	(void)key;
	(void)target;
	if (!customer)
		return;
	yaml_read_mapping(reading, value, "a customer", keys, customer);
	if (index_add(&reading->profiles->customers, name, customer) < 0)
		reading->r = -ENOMEM;
}

void reading_customers(struct reading *reading, struct fy_node *node, void *target)
{
	yaml_warning(reading, node, NULL,
		     "this version cannot ask customers, so none of them approves "
		     "anything");
	yaml_each_name(reading, node, "a customer", read_customer, target);
}
