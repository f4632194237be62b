/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/dynamodb.h"

#include <assert.h>
#define ACTIONS(...)              \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

/*
 * Every set of actions that a profile can name.  BatchWriteItem also deletes,
 * and DynamoDB has no condition key that tells, so the sets without delete
 * have no batch.  Which of them are left out where rows, columns or the
 * switches say so: dynamodb_choose_actions().
 */
/* clang-format off */
const struct action_set action_sets[] = {
	{ "read", VERB_READ, NULL,
	  ACTIONS("GetItem", "BatchGetItem", "Query", "Scan", "ConditionCheckItem",
		  "PartiQLSelect") },
	{ "write", VERB_PUT | VERB_UPDATE | VERB_DELETE, NULL,
	  ACTIONS("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem",
		  "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete") },
	{ "write-without-delete", VERB_PUT | VERB_UPDATE, NULL,
	  ACTIONS("PutItem", "UpdateItem", "PartiQLInsert", "PartiQLUpdate") },
	{ "delete", VERB_DELETE, NULL,
	  ACTIONS("DeleteItem", "PartiQLDelete") },
	{ "read-write", VERB_READ | VERB_PUT | VERB_UPDATE | VERB_DELETE, NULL,
	  ACTIONS("GetItem", "BatchGetItem", "Query", "Scan", "ConditionCheckItem",
		  "PartiQLSelect", "PutItem", "UpdateItem", "DeleteItem",
		  "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete") },
	{ "list", 0, "list all tables of the account",
	  ACTIONS("ListTables") },
	{ "describe", 0, "describe",
	  ACTIONS("DescribeTable", "DescribeTimeToLive", "DescribeContinuousBackups",
		  "DescribeContributorInsights", "DescribeKinesisStreamingDestination",
		  "DescribeTableReplicaAutoScaling", "ListTagsOfResource") },
	{ "scale", 0, "scale and change the settings of",
	  ACTIONS("UpdateTable", "UpdateTableReplicaAutoScaling", "DescribeTable",
		  "DescribeTableReplicaAutoScaling") },
	{ "stream", 0, "read the change streams of",
	  ACTIONS("DescribeStream", "GetRecords", "GetShardIterator") },
	{ "admin", 0, "do everything with", NULL },
	{ NULL, 0, NULL, NULL },
};
/* clang-format on */

const struct action_set *action_set(const char *name)
{
	for (const struct action_set *set = action_sets; set->name; set++)
		if (strcmp(set->name, name) == 0)
			return set;
	return NULL;
}

static int by_name(const void *key, const void *row)
{
	return strcmp(key, ((const struct dynamodb_action *)row)->name);
}

const struct dynamodb_action *dynamodb_action(const char *name)
{
	return bsearch(name, dynamodb_actions, dynamodb_action_count,
		       sizeof(dynamodb_actions[0]), by_name);
}

const char *dynamodb_full_name(const struct dynamodb_action *action,
			       char out[static DYNAMODB_NAME_SIZE])
{
	snprintf(out, DYNAMODB_NAME_SIZE, "dynamodb:%s", action->name);
	return out;
}

bool action_is_on_items(const struct dynamodb_action *action)
{
	return action->keys & KEY_ATTRIBUTES;
}

bool action_reaches_items(const struct dynamodb_action *action)
{
	return action_is_on_items(action) || strcmp(action->name, "SearchVectors") == 0;
}

bool action_is_partiql(const struct dynamodb_action *action)
{
	return strncmp(action->name, "PartiQL", strlen("PartiQL")) == 0;
}

bool action_is_batch(const struct dynamodb_action *action)
{
	return strncmp(action->name, "Batch", strlen("Batch")) == 0;
}

bool action_has_condition(const struct dynamodb_action *action)
{
	return strcmp(action->name, "ConditionCheckItem") == 0 ||
	       (action_is_on_items(action) && action->level == LEVEL_WRITE &&
		!action_is_batch(action));
}

bool dynamodb_is_limited(const struct dynamodb_access *access)
{
	return access->leading_keys.count + access->attributes.count +
		   access->except_attributes.count >
	       0;
}

/* What the switches let through; a switch that isn't there has its default. */
struct choice {
	struct dynamodb_access *access;
	bool batch, transactions, partiql, partiql_said;
	struct report *report;
};

/* Whether it only says what there is, and touches no item. */
static bool describes(const struct dynamodb_action *action)
{
	return action->level == LEVEL_LIST ||
	       strncmp(action->name, "Describe", strlen("Describe")) == 0 ||
	       strncmp(action->name, "List", strlen("List")) == 0;
}

/* Why an action is closed by one of the switches; NULL if it isn't. */
static const char *why_switched_off(const struct choice *choice,
				    const struct dynamodb_action *action, bool is_named)
{
	if (action_is_batch(action) && !choice->batch)
		return "batch is false";
	if (action_is_partiql(action) && !choice->partiql &&
	    (!is_named || choice->partiql_said))
		return "partiql is false";
	if (strcmp(action->name, "ConditionCheckItem") == 0 && !choice->transactions)
		return "it only happens in transactions, and these are closed here";
	return NULL;
}

/* Why an action may not be in this access; NULL if it may. */
static const char *why_left_out(const struct choice *choice,
				const struct dynamodb_action *action, bool is_named)
{
	const struct dynamodb_access *access = choice->access;
	const char *why;
	bool described;

	assert(action);
	described = describes(action);
	if (access->is_deny)
		return access->leading_keys.count > 0 && !action_reaches_items(action)
			   ? "it does not touch items, so no leading key goes with it"
			   : NULL;
	why = why_switched_off(choice, action, is_named);
	if (why)
		return why;
	if (access->only_indexes && action->resources && !(action->resources & ON_INDEX))
		return "it is called on no index, and the table itself is left out";
	if (access->leading_keys.count > 0 && !(action->keys & KEY_LEADING_KEYS) &&
	    !described)
		return "it does not say which rows it touches, so every row would be "
		       "open";
	if (dynamodb_is_limited(access) &&
	    ((!is_named && strcmp(action->name, "Scan") == 0) ||
	     !action_is_on_items(action)) &&
	    !described)
		return "it reaches the whole table whatever rows or columns are named";
	return NULL;
}

static void choose(struct choice *choice, const char *name, bool is_named)
{
	const struct dynamodb_action *action = dynamodb_action(name);
	struct dynamodb_access *access = choice->access;
	const char *why = why_left_out(choice, action, is_named);

	if (why && (is_named || !action_is_on_items(action)))
		report_error(choice->report, access->actions_line,
			     "Query, a switch that is true, or no limit",
			     "%s can't be allowed here: %s", name, why);
	else if (!why && !words_have(&access->actions, name) &&
		 words_add(&access->actions, name) < 0)
		report_failure(choice->report, -ENOMEM);
}

static int in_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_on(const struct value *value, bool otherwise)
{
	return value ? value_is_text(value, "true") : otherwise;
}

static void choose_named(struct choice *choice, const char *name)
{
	const struct action_set *set = action_set(name);

	if (set && !set->actions)
		choice->access->all_actions = true;
	else if (set)
		for (const char *const *each = set->actions; *each; each++)
			choose(choice, *each, false);
	else if (dynamodb_action(name))
		choose(choice, name, true);
	else
		report_error(
		    choice->report, choice->access->actions_line,
		    "read, write, write-without-delete, delete, read-write, list, "
		    "describe, scale, stream, admin, or a name like GetItem",
		    "DynamoDB has no action called %s", TEXT_ESCAPED(name));
}

void dynamodb_choose_actions(struct dynamodb_access *access,
			     const struct switches *switches, struct report *report)
{
	struct choice choice = {
		.access = access,
		.batch = is_on(switches->batch, true),
		.transactions = is_on(switches->transactions, access->is_deny),
		.partiql = is_on(switches->partiql, false),
		.partiql_said = switches->partiql != NULL,
		.report = report,
	};
	unsigned int before = report->errors;

	access->transactions = choice.transactions;
	for (size_t i = 0; i < access->names.count; i++)
		choose_named(&choice, access->names.list[i]);
	if (access->all_actions) {
		words_done(&access->actions);
		access->transactions = true;
		if (access->is_deny)
			return;
		if (dynamodb_is_limited(access) || access->indexes.count > 0 ||
		    switches->batch || switches->transactions || switches->partiql)
			report_error(report, access->actions_line,
				     "read-write with describe, or no limit and a deny",
				     "admin is everything: rows, columns, indexes and "
				     "switches can't limit it");
		return;
	}
	if (access->actions.count == 0 && report->errors == before)
		report_error(report, access->actions_line, NULL,
			     "no action is left of what is written here");
	if (access->actions.count > 0)
		qsort(access->actions.list, access->actions.count, sizeof(char *),
		      in_order);
	if (!choice.batch && choice.partiql)
		report_warning(report, switches->batch->line, "partiql: false",
			       "batch: false closes BatchGetItem and BatchWriteItem; "
			       "BatchExecuteStatement, PartiQL's own batch, has no "
			       "condition key and stays open with PartiQL");
	access->full_table_scan = words_have(&access->actions, "Scan");
}
