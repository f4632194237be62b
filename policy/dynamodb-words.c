/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "policy/dynamodb.h"

struct writer {
	const struct dynamodb_access *access;
	const struct binding *bindings;
	size_t count;
	struct buffer *out;
	int r; /* the first failure; later writes do nothing */
};

static void say(struct writer *writer, const char *text)
{
	if (writer->r == 0)
		writer->r = buffer_add(writer->out, text, strlen(text));
}

static void say_bound(struct writer *writer, const char *text)
{
	if (writer->r == 0)
		writer->r = bind_text(text, writer->bindings, writer->count, writer->out);
}

/* What goes between the i-th of count and the next: "a, b and c". */
static const char *between(size_t i, size_t count, const char *last)
{
	if (i + 1 == count)
		return "";
	return i + 2 == count ? last : ", ";
}

static void say_list(struct writer *writer, const struct words *words, const char *last)
{
	for (size_t i = 0; i < words->count; i++) {
		say_bound(writer, words->list[i]);
		say(writer, between(i, words->count, last));
	}
}

static bool is_of_account(const char *name)
{
	const struct dynamodb_action *action = dynamodb_action(
	    strcmp(name, "list") == 0 ? "ListTables" : name);

	return action && action->resources == 0;
}

/* "read, put and update items of", for all sets that are about items. */
static void say_item_verbs(struct writer *writer, unsigned int verbs)
{
	static const char *const words[] = { "read", "put", "update", "delete" };
	size_t count = 0, said = 0;

	for (size_t i = 0; i < 4; i++)
		count += (verbs >> i) & 1;
	for (size_t i = 0; i < 4; i++) {
		if (!((verbs >> i) & 1))
			continue;
		say(writer, words[i]);
		say(writer, between(said++, count, " and "));
	}
	say(writer, " items of");
}

/* "call GetItem and Query on": DynamoDB's own names. */
static void say_calls(struct writer *writer, bool of_account, size_t count)
{
	const struct words *names = &writer->access->names;
	size_t said = 0;

	say(writer, "call ");
	for (size_t i = 0; i < names->count; i++) {
		if (is_of_account(names->list[i]) != of_account ||
		    action_set(names->list[i]))
			continue;
		say(writer, names->list[i]);
		say(writer, between(said++, count, " and "));
	}
	say(writer, of_account ? " on the whole account" : " on");
}

/* What is done, of the account or of tables: items first, own names last. */
static void say_verbs(struct writer *writer, bool of_account)
{
	const struct words *names = &writer->access->names;
	const char *before = "";
	unsigned int verbs = 0;
	size_t calls = 0;

	for (size_t i = 0; i < names->count; i++) {
		const struct action_set *set = action_set(names->list[i]);

		if (is_of_account(names->list[i]) != of_account)
			continue;
		calls += !set;
		verbs |= set ? set->verbs : 0;
	}
	if (verbs) {
		say_item_verbs(writer, verbs);
		before = " and ";
	}
	for (size_t i = 0; i < names->count; i++) {
		const struct action_set *set = action_set(names->list[i]);

		if (!set || !set->summary || is_of_account(names->list[i]) != of_account)
			continue;
		say(writer, before);
		say(writer, set->summary);
		before = " and ";
	}
	if (calls == 0)
		return;
	say(writer, before);
	say_calls(writer, of_account, calls);
}

static bool has_open_name(const struct words *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		if (strchr(tables->list[i], '*'))
			return true;
	return false;
}

/* whose: "the ", "its ", "their ". */
static void say_indexes(struct writer *writer, const char *whose)
{
	const struct words *indexes = &writer->access->indexes;

	if (words_have(indexes, "*")) {
		say(writer, "all ");
		say(writer, strcmp(whose, "the ") == 0 ? "" : whose);
		say(writer, "indexes");
		return;
	}
	say(writer, whose);
	say(writer, indexes->count == 1 ? "index " : "indexes ");
	say_list(writer, indexes, " and ");
}

static void say_tables(struct writer *writer)
{
	const struct dynamodb_access *access = writer->access;
	const struct words *tables = &access->tables;
	bool is_open = has_open_name(tables);

	if (access->only_indexes) {
		say_indexes(writer, "the ");
		say(writer, " of ");
	}
	if (words_have(tables, "*")) {
		say(writer, "every table");
	} else {
		say(writer, is_open ? "the tables " : "");
		say_list(writer, tables, " and ");
	}
	if (access->only_indexes || access->is_deny || access->all_actions)
		return;
	if (is_open) {
		say(writer, words_have(tables, "*") ? " and every index"
						    : " and all their indexes");
	} else if (access->indexes.count > 0) {
		say(writer, " and ");
		say_indexes(writer, tables->count > 1 ? "their " : "its ");
	}
}

static void say_leading_key(struct writer *writer, const char *key)
{
	size_t plain = strcspn(key, "*?");
	struct buffer prefix = BUFFER_WITH_LIMIT(4096);

	if (key[plain] == '\0') {
		say(writer, "is ");
		say_bound(writer, key);
	} else if (key[plain] == '*' && key[plain + 1] == '\0') {
		say(writer, "begins with ");
		if (writer->r == 0)
			writer->r = buffer_add(&prefix, key, plain);
		if (writer->r == 0)
			say_bound(writer, prefix.bytes);
	} else {
		say(writer, "is like ");
		say_bound(writer, key);
	}
	buffer_done(&prefix);
}

static void say_rows(struct writer *writer)
{
	const struct words *keys = &writer->access->leading_keys;

	for (size_t i = 0; i < keys->count; i++) {
		say(writer, i == 0 ? " whose partition key " : " or ");
		say_leading_key(writer, keys->list[i]);
	}
}

static void say_columns(struct writer *writer)
{
	const struct dynamodb_access *access = writer->access;

	if (access->attributes.count + access->except_attributes.count == 0)
		return;
	say(writer, access->attributes.count > 0 ? ", only " : ", all but ");
	say_list(writer,
		 access->attributes.count > 0 ? &access->attributes
					      : &access->except_attributes,
		 ", ");
}

static bool has_partiql(const struct dynamodb_access *access)
{
	for (size_t i = 0; i < access->actions.count; i++)
		if (action_is_partiql(dynamodb_action(access->actions.list[i])))
			return true;
	return false;
}

static void say_ways(struct writer *writer)
{
	const struct dynamodb_access *access = writer->access;

	if (access->is_deny || access->all_actions)
		return;
	if (access->transactions)
		say(writer, "; in transactions too");
	if (has_partiql(access))
		say(writer, "; with PartiQL too");
}

/* How many of the names are about the account as a whole. */
static size_t count_of_account(const struct words *names)
{
	size_t count = 0;

	for (size_t i = 0; i < names->count; i++)
		count += is_of_account(names->list[i]);
	return count;
}

static bool has_calls(const struct words *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (!action_set(names->list[i]))
			return true;
	return false;
}

/* Rows are items, which is said already where all that is denied is of sets. */
static void say_denied_tables(struct writer *writer)
{
	const struct dynamodb_access *access = writer->access;

	if (access->all_actions)
		say(writer, "touch ");
	else
		say_verbs(writer, false);
	if (!access->all_actions)
		say(writer, " ");
	if (access->leading_keys.count > 0 &&
	    (access->all_actions || has_calls(&access->names)))
		say(writer, "items of ");
	say_tables(writer);
	say_rows(writer);
}

static void say_deny(struct writer *writer)
{
	const struct words *names = &writer->access->names;
	size_t of_account = writer->access->all_actions ? 0 : count_of_account(names);

	say(writer, "but never ");
	if (of_account < names->count)
		say_denied_tables(writer);
	if (of_account == 0)
		return;
	say(writer, of_account < names->count ? ", and never " : "");
	say_verbs(writer, true);
}

int dynamodb_words(const struct statement *statement, const struct binding *bindings,
		   size_t count, struct buffer *out)
{
	struct writer writer = { statement->access, bindings, count, out, 0 };
	const struct dynamodb_access *access = writer.access;
	size_t of_account = count_of_account(&access->names);

	if (access->is_deny) {
		say_deny(&writer);
		return writer.r;
	}
	if (of_account < access->names.count) {
		say_verbs(&writer, false);
		say(&writer, " ");
		say_tables(&writer);
		say_rows(&writer);
		say_columns(&writer);
		say_ways(&writer);
	}
	if (of_account > 0) {
		say(&writer, of_account < access->names.count ? "; " : "");
		say_verbs(&writer, true);
	}
	if (access->endpoints.count > 0) {
		say(&writer, "; through ");
		say_list(&writer, &access->endpoints, " or ");
	}
	return writer.r;
}
