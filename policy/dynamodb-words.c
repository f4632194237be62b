/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "policy/dynamodb-words.h"

static void say_bound(struct writer *writer, const char *text)
{
	if (writer->r == 0)
		writer->r = bind_text(text, writer->bindings, writer->count, writer->out);
}

static void say_list(struct writer *writer, const struct words *words, const char *last)
{
	for (size_t i = 0; i < words->count; i++) {
		say_bound(writer, words->list[i]);
		writer_say(writer, writer_between(i, words->count, last));
	}
}

/* whose: "the ", "its ", "their ". */
static void say_indexes(struct writer *writer, const char *whose)
{
	const struct words *indexes = &writer->access->indexes;

	if (words_have(indexes, "*")) {
		writer_say(writer, "all ");
		writer_say(writer, strcmp(whose, "the ") == 0 ? "" : whose);
		writer_say(writer, "indexes");
		return;
	}
	writer_say(writer, whose);
	writer_say(writer, indexes->count == 1 ? "index " : "indexes ");
	say_list(writer, indexes, " and ");
}

static void say_tables(struct writer *writer)
{
	const struct dynamodb_access *access = writer->access;
	const struct words *tables = &access->tables;
	bool is_open = dynamodb_open_table(access) != NULL;

	if (access->only_indexes) {
		say_indexes(writer, "the ");
		writer_say(writer, " of ");
	}
	if (words_have(tables, "*")) {
		writer_say(writer, "every table");
	} else {
		writer_say(writer, is_open ? "the tables " : "");
		say_list(writer, tables, " and ");
	}
	if (access->only_indexes || access->is_deny || access->all_actions)
		return;
	if (is_open) {
		writer_say(writer, words_have(tables, "*") ? " and every index"
							   : " and all their indexes");
	} else if (access->indexes.count > 0) {
		writer_say(writer, " and ");
		say_indexes(writer, tables->count > 1 ? "their " : "its ");
	}
}

static void say_leading_key(struct writer *writer, const char *key)
{
	size_t plain = strcspn(key, "*?");
	struct buffer prefix = BUFFER_WITH_LIMIT(4096);

	if (key[plain] == '\0') {
		writer_say(writer, "is ");
		say_bound(writer, key);
	} else if (key[plain] == '*' && key[plain + 1] == '\0') {
		writer_say(writer, "begins with ");
		if (writer->r == 0)
			writer->r = buffer_add(&prefix, key, plain);
		if (writer->r == 0)
			say_bound(writer, prefix.bytes);
	} else {
		writer_say(writer, "is like ");
		say_bound(writer, key);
	}
	buffer_done(&prefix);
}

static void say_rows(struct writer *writer)
{
	const struct words *keys = &writer->access->leading_keys;

	for (size_t i = 0; i < keys->count; i++) {
		writer_say(writer, i == 0 ? " whose partition key " : " or ");
		say_leading_key(writer, keys->list[i]);
	}
}

static void say_columns(struct writer *writer)
{
	const struct dynamodb_access *access = writer->access;

	if (access->attributes.count + access->except_attributes.count == 0)
		return;
	writer_say(writer, access->attributes.count > 0 ? ", only " : ", all but ");
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
		writer_say(writer, "; in transactions too");
	if (has_partiql(access))
		writer_say(writer, "; with PartiQL too");
}

/* Rows are items, which is said already where all that is denied is of sets. */
static void say_denied_tables(struct writer *writer)
{
	const struct dynamodb_access *access = writer->access;

	if (access->all_actions)
		writer_say(writer, "touch ");
	else
		writer_say_verbs(writer, false);
	if (!access->all_actions)
		writer_say(writer, " ");
	if (access->leading_keys.count > 0 &&
	    (access->all_actions || names_have_calls(&access->names)))
		writer_say(writer, "items of ");
	say_tables(writer);
	say_rows(writer);
}

static void say_deny(struct writer *writer)
{
	const struct words *names = &writer->access->names;
	size_t of_account = writer->access->all_actions ? 0 : names_of_account(names);

	writer_say(writer, "but never ");
	if (of_account < names->count)
		say_denied_tables(writer);
	if (of_account == 0)
		return;
	writer_say(writer, of_account < names->count ? ", and never " : "");
	writer_say_verbs(writer, true);
}

int dynamodb_words(const struct statement *statement, const struct binding *bindings,
		   size_t count, struct buffer *out)
{
	struct writer writer = { statement->access, bindings, count, out, 0 };
	const struct dynamodb_access *access = writer.access;
	size_t of_account = names_of_account(&access->names);

	if (access->is_deny) {
		say_deny(&writer);
		return writer.r;
	}
	if (of_account < access->names.count) {
		writer_say_verbs(&writer, false);
		writer_say(&writer, " ");
		say_tables(&writer);
		say_rows(&writer);
		say_columns(&writer);
		say_ways(&writer);
	}
	if (of_account > 0) {
		writer_say(&writer, of_account < access->names.count ? "; " : "");
		writer_say_verbs(&writer, true);
	}
	if (access->endpoints.count > 0) {
		writer_say(&writer, "; through ");
		say_list(&writer, &access->endpoints, " or ");
	}
	return writer.r;
}
