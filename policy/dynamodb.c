/* SPDX-License-Identifier: MIT */
#include "policy/dynamodb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LIST_MAX 100
#define WORD_MAX 2048 /* bytes of the longest partition key; names are shorter */

struct reader {
	struct scope *scope;
	struct dynamodb_access *access;
	struct report *report;
};

/*
 * Checks the variables of a text and marks their parameters as used.  In a
 * Deny a missing session tag would make the statement match nothing.
 */
static void check_variables(const struct reader *reader, const struct value *value)
{
	const char *text = value->text, *start, *name;
	int length;

	while ((length = text_next_variable(text, &start, &name)) > 0) {
		struct scope_parameter *parameter = scope_parameter(reader->scope, name,
								    (size_t)length);

		if (parameter)
			parameter->is_used = true;
		else
			report_unknown_parameter(reader->report, value->line, name,
						 length);
		if (reader->access->is_deny)
			report_error(reader->report, value->line,
				     "a literal, or an allow that leaves it out",
				     "a deny must not hang on a parameter: in a session "
				     "without that tag it would deny nothing");
		text = name + length + 1;
	}
	if (length < 0)
		report_error(reader->report, value->line, "${NAME}",
			     "a ${ that never ends, or has no name");
}

static void check_table(const struct reader *reader, const struct value *value)
{
	dynamodb_check_table(value, reader->report);
}

static void check_index(const struct reader *reader, const struct value *value)
{
	dynamodb_check_index(value, reader->report);
}

static void check_leading_key(const struct reader *reader, const struct value *value)
{
	if (!*value->text || strcmp(value->text, "*") == 0)
		report_error(reader->report, value->line,
			     "the keys themselves, or no leading_keys",
			     "a leading key of \"%s\" limits nothing", value->text);
}

static void check_attribute(const struct reader *reader, const struct value *value)
{
	if (!*value->text || strpbrk(value->text, "*?$.[]"))
		report_error(reader->report, value->line,
			     "the names of top-level attributes",
			     "\"%s\" is not the name of an attribute: AWS compares whole "
			     "top-level names here",
			     TEXT_ESCAPED(value->text));
}

static void check_endpoint(const struct reader *reader, const struct value *value)
{
	size_t letters = strncmp(value->text, "vpce-", 5) == 0
			     ? strspn(value->text + 5, "0123456789abcdef")
			     : 0;

	if (letters == 0 || value->text[5 + letters])
		report_error(reader->report, value->line, "vpce-0abc1234",
			     "\"%s\" is not the id of a VPC endpoint",
			     TEXT_ESCAPED(value->text));
}

static void check_nothing(const struct reader *reader, const struct value *value)
{
	(void)reader;
	(void)value;
}

struct key {
	const char *name;
	size_t words; /* offset of where its words go */
	size_t line;  /* offset of where its line goes; 0: nowhere */
	bool in_deny;
	bool has_parameters; /* ${NAME} is allowed */
	void (*check)(const struct reader *reader, const struct value *value);
};

#define AT(member) offsetof(struct dynamodb_access, member)

/* clang-format off */
static const struct key keys[] = {
	{ "table",             AT(tables),            AT(tables_line),       true,  true,  check_table },
	{ "indexes",           AT(indexes),           0,                     false, false, check_index },
	{ "actions",           AT(names),             AT(actions_line),      true,  false, check_nothing },
	{ "leading_keys",      AT(leading_keys),      AT(leading_keys_line), true,  true,  check_leading_key },
	{ "attributes",        AT(attributes),        AT(attributes_line),   false, false, check_attribute },
	{ "except_attributes", AT(except_attributes), AT(attributes_line),   false, false, check_attribute },
	{ "keys",              AT(keys),              0,                     false, false, check_attribute },
	{ "endpoint",          AT(endpoints),         AT(endpoint_line),     false, false, check_endpoint },
};
/* clang-format on */

static void read_word(const struct reader *reader, const struct key *key,
		      const struct value *value)
{
	struct words *words = (void *)((char *)reader->access + key->words);

	if (value->kind != VALUE_TEXT) {
		report_error(reader->report, value->line, NULL, "%s is a word or a list",
			     key->name);
		return;
	}
	if (words_have(words, value->text))
		report_error(reader->report, value->line, "it once",
			     "%s has \"%s\" twice", key->name, TEXT_ESCAPED(value->text));
	if (!text_is_for_iam(value->text))
		report_error(reader->report, value->line,
			     "characters from space to U+00FF",
			     "\"%s\" has a character that IAM takes in no policy",
			     TEXT_ESCAPED(value->text));
	if (strlen(value->text) > WORD_MAX)
		report_error(reader->report, value->line, "a shorter one",
			     "%s of %zu bytes; DynamoDB has no key that is longer "
			     "than %d",
			     key->name, strlen(value->text), WORD_MAX);
	key->check(reader, value);
	if (key->has_parameters)
		check_variables(reader, value);
	if (words_add(words, value->text) < 0)
		report_failure(reader->report, -ENOMEM);
}

static void read_words(const struct reader *reader, const struct key *key,
		       const struct value *value)
{
	if (key->line)
		memcpy((char *)reader->access + key->line, &value->line,
		       sizeof(value->line));
	if (value->kind != VALUE_LIST) {
		read_word(reader, key, value);
		return;
	}
	if (value->count == 0 || value->count > LIST_MAX)
		report_error(reader->report, value->line, "leave the key out",
			     "%s needs one entry at least and %d at most", key->name,
			     LIST_MAX);
	for (size_t i = 0; i < value->count && i < LIST_MAX; i++)
		read_word(reader, key, value->items[i]);
}

/* Whether it is one of the keys that are true or false; tells if it isn't. */
static bool is_switch(const struct reader *reader, const char *name,
		      const struct value *value)
{
	static const char *const switches[] = { "batch", "transactions", "partiql",
						"only_indexes" };

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (strcmp(switches[i], name) != 0 || reader->access->is_deny)
			continue;
		if (!value_is_text(value, "true") && !value_is_text(value, "false"))
			report_error(reader->report, value->line, "true or false",
				     "%s is true or false", name);
		return true;
	}
	return false;
}

static void read_key(const struct reader *reader, const char *name,
		     const struct value *value)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].name, name) != 0 ||
		    (reader->access->is_deny && !keys[i].in_deny))
			continue;
		read_words(reader, &keys[i], value);
		return;
	}
	if (!is_switch(reader, name, value))
		report_error(reader->report, value->line,
			     reader->access->is_deny
				 ? "table, actions, leading_keys"
				 : "table, indexes, only_indexes, actions, batch, "
				   "transactions, partiql, leading_keys, attributes, "
				   "except_attributes, keys, endpoint",
			     "dynamodb has no key \"%s\"%s", TEXT_ESCAPED(name),
			     reader->access->is_deny ? " in a deny" : "");
}

static void check_together(const struct reader *reader)
{
	const struct dynamodb_access *access = reader->access;
	const char *pattern = dynamodb_open_table(access);

	if (access->tables.count == 0)
		report_error(reader->report, access->line, "table: NAME, or table: \"*\"",
			     "dynamodb names no table");
	if (access->attributes.count > 0 && access->except_attributes.count > 0)
		report_error(reader->report, access->attributes_line, "attributes alone",
			     "attributes and except_attributes exclude each other");
	if (access->only_indexes && access->indexes.count == 0)
		report_error(reader->report, access->line, "indexes: [NAME]",
			     "only_indexes without indexes leaves nothing");
	if (pattern && access->indexes.count > 0 && !access->only_indexes &&
	    !words_have(&access->indexes, "*"))
		report_error(reader->report, access->tables_line,
			     "the tables one by one, or indexes: \"*\"",
			     "the * of \"%s\" matches every index of these tables, so "
			     "naming some of them limits nothing",
			     TEXT_ESCAPED(pattern));
}

static void dynamodb_free(void *pointer)
{
	struct dynamodb_access *access = pointer;

	if (!access)
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		words_done((void *)((char *)access + keys[i].words));
	words_done(&access->actions);
	free(access);
}

static void *dynamodb_parse(struct scope *scope, bool is_deny, const struct value *value,
			    struct report *report)
{
	struct dynamodb_access *access = calloc(1, sizeof(*access));
	struct reader reader = { scope, access, report };
	const struct value *only = value_get(value, "only_indexes");

	if (!access || value->kind != VALUE_MAP) {
		if (!access)
			report_failure(report, -ENOMEM);
		else
			report_error(report, value->line,
				     "{ table: NAME, actions: read }",
				     "dynamodb is a map of what is meant");
		free(access);
		return NULL;
	}
	access->is_deny = is_deny;
	access->line = access->actions_line = value->line;
	access->only_indexes = only && value_is_text(only, "true");
	for (size_t i = 0; i < value->count; i++)
		read_key(&reader, value->keys[i], value->items[i]);
	check_together(&reader);
	if (access->names.count == 0 && is_deny && words_add(&access->names, "all") == 0)
		access->all_actions = true;
	else if (access->names.count == 0)
		report_error(report, value->line, "actions: read",
			     "dynamodb says no actions");
	else
		dynamodb_choose_actions(
		    access,
		    &(struct switches){
			.batch = value_get(value, "batch"),
			.transactions = value_get(value, "transactions"),
			.partiql = value_get(value, "partiql"),
		    },
		    report);
	return access;
}

static const struct words *dynamodb_endpoints(const struct statement *statement)
{
	return &((const struct dynamodb_access *)statement->access)->endpoints;
}

const struct service service_dynamodb = {
	.name = "dynamodb",
	.parse = dynamodb_parse,
	.free = dynamodb_free,
	.compile = dynamodb_compile,
	.words = dynamodb_words,
	.covers = dynamodb_covers,
	.misfit = dynamodb_misfit,
	.misfit_words = dynamodb_misfit_words,
	.lint = dynamodb_lint,
	.endpoints = dynamodb_endpoints,
};
