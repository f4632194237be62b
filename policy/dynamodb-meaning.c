/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "policy/dynamodb.h"

#define PATTERN_MAX 262144 /* a word with the values of its variables */

/*
 * Written from what the words mean, not from dynamodb-compile.c: the tests
 * hold the two against each other.
 */
static bool matches(const char *text, const struct asked *asked, const char *value)
{
	struct buffer pattern = BUFFER_WITH_LIMIT(PATTERN_MAX);
	bool is_match = text_bind_pattern(text, asked->tags, asked->tag_count,
					  &pattern) == 1 &&
			text_matches(pattern.bytes, value);

	buffer_done(&pattern);
	return is_match;
}

bool dynamodb_is_one_of(const struct words *words, const struct asked *asked,
			const char *value)
{
	for (size_t i = 0; i < words->count; i++)
		if (matches(words->list[i], asked, value))
			return true;
	return false;
}

static bool is_on_its_place(const struct place *place, const struct asked *asked)
{
	/* A global table is of no region, but of one partition. */
	bool is_region = asked->resource == RESOURCE_GLOBAL_TABLE
			     ? strcmp(partition_of(place->region),
				      partition_of(asked->region)) == 0
			     : strcmp(place->region, asked->region) == 0;

	return is_region && strcmp(place->account_id, asked->account_id) == 0;
}

/* The table and everything of it, but an index only where indexes are named. */
static bool is_about_its_tables(const struct dynamodb_access *access,
				const struct asked *asked)
{
	bool is_index = asked->resource == RESOURCE_INDEX;

	if (!asked->table)
		return false;
	for (size_t i = 0; i < access->tables.count; i++) {
		const char *table = access->tables.list[i];

		if (!matches(table, asked, asked->table))
			continue;
		if (access->is_deny || (is_index && access->all_actions))
			return true;
		if (!is_index)
			return !access->only_indexes;
		if (strchr(table, '*') && !access->only_indexes)
			return true;
		if (dynamodb_is_one_of(&access->indexes, asked, asked->child))
			return true;
	}
	return false;
}

static bool is_about_its_resources(const struct dynamodb_access *access,
				   const struct place *place, const struct asked *asked)
{
	if (asked->resource == RESOURCE_NONE && access->is_deny)
		return !access->all_actions || words_have(&access->tables, "*");
	if (asked->resource == RESOURCE_NONE)
		return strcmp(place->region, asked->region) == 0 &&
		       (!access->all_actions || words_have(&access->tables, "*"));
	if (access->all_actions && words_have(&access->tables, "*") &&
	    access->leading_keys.count == 0)
		return access->is_deny || strcmp(place->region, asked->region) == 0;
	return is_on_its_place(place, asked) && is_about_its_tables(access, asked);
}

static bool keeps_to_rows(const struct dynamodb_access *access, const struct asked *asked)
{
	const struct asked_list *keys = &asked->leading_keys;

	if (access->leading_keys.count == 0)
		return true;
	if (keys->is_missing || keys->count == 0)
		return false;
	for (size_t i = 0; i < keys->count; i++)
		if (!dynamodb_is_one_of(&access->leading_keys, asked, keys->list[i]))
			return false;
	return true;
}

static bool is_harmless(const char *return_values)
{
	return !return_values || strcmp(return_values, "NONE") == 0 ||
	       strcmp(return_values, "UPDATED_OLD") == 0 ||
	       strcmp(return_values, "UPDATED_NEW") == 0;
}

static bool names_its_columns(const struct dynamodb_access *access,
			      const struct asked_list *names)
{
	if (names->is_missing || names->count == 0)
		return false;
	for (size_t i = 0; i < names->count; i++)
		if (access->attributes.count > 0
			? !words_have(&access->attributes, names->list[i])
			: words_have(&access->except_attributes, names->list[i]))
			return false;
	return true;
}

/* SELECT * names nothing, and nobody says whether AWS then fills in Select. */
static bool is_partiql_select(const struct asked *asked)
{
	return strcmp(asked->action, "dynamodb:PartiQLSelect") == 0;
}

static enum part misfit_of_columns(const struct dynamodb_access *access,
				   const struct asked *asked)
{
	if (access->attributes.count + access->except_attributes.count == 0)
		return PART_NONE;
	if (!names_its_columns(access, &asked->attributes))
		return PART_COLUMNS;
	if (asked->select ? strcmp(asked->select, "SPECIFIC_ATTRIBUTES") != 0
			  : is_partiql_select(asked))
		return PART_SELECT;
	return is_harmless(asked->return_values) ? PART_NONE : PART_RETURN_VALUES;
}

static bool is_transaction(const char *operation)
{
	return operation && (strcmp(operation, "TransactGetItems") == 0 ||
			     strcmp(operation, "TransactWriteItems") == 0 ||
			     strcmp(operation, "ExecuteTransaction") == 0);
}

static enum part misfit_of_items(const struct dynamodb_access *access,
				 const struct asked *asked)
{
	enum part columns = misfit_of_columns(access, asked);

	if (!keeps_to_rows(access, asked))
		return PART_ROWS;
	if (columns != PART_NONE)
		return columns;
	if (!access->transactions && is_transaction(asked->enclosing_operation))
		return PART_TRANSACTION;
	if (!access->full_table_scan && asked->full_table_scan == ANSWER_YES)
		return PART_FULL_TABLE_SCAN;
	return PART_NONE;
}

/* Some denied row is touched, or nobody can say that none is. */
static bool touches_rows(const struct dynamodb_access *access, const struct asked *asked)
{
	const struct asked_list *keys = &asked->leading_keys;

	if (keys->is_missing || keys->count == 0 || asked->resource == RESOURCE_INDEX)
		return true;
	for (size_t i = 0; i < keys->count; i++)
		if (dynamodb_is_one_of(&access->leading_keys, asked, keys->list[i]))
			return true;
	return false;
}

static bool came_through(const struct words *endpoints, const struct asked *asked)
{
	return endpoints->count == 0 ||
	       (asked->endpoint && words_have(endpoints, asked->endpoint));
}

/* What AWS does not fill in for an action is not there, whoever sends it. */
static struct asked as_aws_sees(const struct asked *asked,
				const struct dynamodb_action *action)
{
	struct asked seen = *asked;

	if (!(action->keys & KEY_LEADING_KEYS))
		seen.leading_keys = (struct asked_list){ .is_missing = true };
	if (!(action->keys & KEY_ATTRIBUTES))
		seen.attributes = (struct asked_list){ .is_missing = true };
	if (!(action->keys & KEY_SELECT))
		seen.select = NULL;
	if (!(action->keys & KEY_RETURN_VALUES))
		seen.return_values = NULL;
	if (!(action->keys & KEY_ENCLOSING_OPERATION))
		seen.enclosing_operation = NULL;
	if (!(action->keys & KEY_FULL_TABLE_SCAN))
		seen.full_table_scan = ANSWER_MISSING;
	return seen;
}

static const struct dynamodb_action *action_of(const struct asked *asked)
{
	if (strncmp(asked->action, "dynamodb:", strlen("dynamodb:")) != 0)
		return NULL;
	return dynamodb_action(asked->action + strlen("dynamodb:"));
}

static bool names_its_action(const struct dynamodb_access *access,
			     const struct dynamodb_action *action)
{
	return action &&
	       (access->all_actions || words_have(&access->actions, action->name));
}

/* Of a resource that is none of its own: what about it is not. */
static enum part misfit_of_resource(const struct dynamodb_access *access,
				    const struct place *place, const struct asked *asked)
{
	if (asked->resource == RESOURCE_NONE)
		return strcmp(place->region, asked->region) == 0 ? PART_TABLE
								 : PART_PLACE;
	if (!is_on_its_place(place, asked))
		return PART_PLACE;
	if (asked->table && dynamodb_is_one_of(&access->tables, asked, asked->table))
		return PART_INDEX;
	return PART_TABLE;
}

static enum part misfit_of_allow(const struct dynamodb_access *access,
				 const struct place *place, const struct asked *asked)
{
	const struct dynamodb_action *action = action_of(asked);
	struct asked seen;

	if (asked->resource == RESOURCE_OTHER)
		return PART_SERVICE;
	if (!is_about_its_resources(access, place, asked))
		return misfit_of_resource(access, place, asked);
	if (!names_its_action(access, action))
		return PART_ACTION;
	if (!came_through(&access->endpoints, asked))
		return PART_ENDPOINT;
	if (access->all_actions || !action_is_on_items(action))
		return PART_NONE;
	seen = as_aws_sees(asked, action);
	return misfit_of_items(access, &seen);
}

static bool is_denied(const struct statement *statement, const struct place *place,
		      const struct asked *asked)
{
	const struct dynamodb_access *access = statement->access;
	const struct dynamodb_action *action = action_of(asked);
	struct asked seen;

	if (!names_its_action(access, action) ||
	    !came_through(&access->endpoints, asked) ||
	    !is_about_its_resources(access, place, asked))
		return false;
	if (!action_reaches_items(action))
		return access->leading_keys.count == 0;
	seen = as_aws_sees(asked, action);
	return access->leading_keys.count == 0 || touches_rows(access, &seen);
}

enum part dynamodb_misfit(const struct statement *statement, const struct place *place,
			  const struct asked *asked, unsigned int *line)
{
	*line = statement->is_deny ? 0 : statement->line;
	return misfit_of_allow(statement->access, place, asked);
}

unsigned int dynamodb_covers(const struct statement *statement, bool is_deny,
			     const struct place *place, const struct asked *asked)
{
	bool covers = statement->is_deny == is_deny &&
		      (is_deny ? is_denied(statement, place, asked)
			       : misfit_of_allow(statement->access, place, asked) ==
				     PART_NONE);

	return covers ? statement->line : 0;
}
