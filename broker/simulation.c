/* SPDX-License-Identifier: MIT */
#include "broker/simulation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "broker/simulation-parts.h"
#include "policy/dynamodb.h"

#define ATTRIBUTES_MAX 65536
#define PREFIX "dynamodb:"
#define SELECTS "ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES, SPECIFIC_ATTRIBUTES, COUNT"
#define VALUES "NONE, ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATED_NEW"
#define OPERATIONS                                                   \
	"TransactGetItems, TransactWriteItems, ExecuteTransaction, " \
	"BatchExecuteStatement"

/* clang-format off */
const struct option_rule options_simulate[] = {
	{ "action",          "NAME",      "what is called: GetItem, s3:GetObject; needed" },
	{ "resource",        "ARN",       "what an action of another service is on; or '*'" },
	{ "table",           "NAME",      "the table, where the action is on one" },
	{ "index",           "NAME",      "an index of the table" },
	{ "stream",          "LABEL",     "a stream of the table" },
	{ "backup",          "NAME",      "a backup of the table" },
	{ "export",          "NAME",      "an export of the table" },
	{ "import",          "NAME",      "an import of the table" },
	{ "global-table",    "NAME",      "a global table" },
	{ "leading-key",     "KEY...",    "a partition key's value; once for each" },
	{ "attributes",      "A,B...",    "every attribute that the request names" },
	{ "select",          "S",         SELECTS },
	{ "return-values",   "R",         VALUES },
	{ "within",          "OPERATION", OPERATIONS },
	{ "full-table-scan", NULL,        "PartiQL that reads the whole table" },
	{ "endpoint",        "ID",        "the VPC endpoint that it comes through" },
	{ "context",         "KEY=VAL...", "another condition key; once for each value" },
	{ "region",          "REGION",    "the profile's own if left out" },
	{ "account",         "ID",        "the profile's own if left out" },
	{ "at",              "TIME",      "when, as 2026-11-24T15:30:00Z; now if left out" },
	{ "ends-at",         "TIME",      "the session's end; none if left out" },
	{ NULL,              NULL,        NULL },
};

/* What an action takes only where AWS fills in the condition key; one of words. */
static const struct {
	const char *option;
	unsigned int key;
	const char *words; /* NULL: anything */
} details[] = {
	{ "leading-key",     KEY_LEADING_KEYS,        NULL },
	{ "attributes",      KEY_ATTRIBUTES,          NULL },
	{ "select",          KEY_SELECT,              SELECTS },
	{ "return-values",   KEY_RETURN_VALUES,       VALUES },
	{ "within",          KEY_ENCLOSING_OPERATION, OPERATIONS },
	{ "full-table-scan", KEY_FULL_TABLE_SCAN,     NULL },
};
/* clang-format on */

/* 0 with *action NULL for another service's. */
static int read_action(const struct options *options, struct simulation *simulation,
		       const struct dynamodb_action **action, struct error *error)
{
	const char *name = option_value(options, "action");

	*action = NULL;
	if (!name)
		return error_set(error, ERROR_USAGE,
				 "say what is called: --action GetItem");
	simulation->asked.action = simulation->action;
	if (strncmp(name, PREFIX, strlen(PREFIX)) == 0)
		name += strlen(PREFIX);
	else if (strchr(name, ':'))
		return simulation_read_other(options, name, simulation, error);
	*action = dynamodb_action(name);
	if (!*action)
		return error_set(error, ERROR_USAGE, "DynamoDB has no action %s",
				 TEXT_ESCAPED(name));
	if (option_value(options, "resource"))
		return error_set(error, ERROR_USAGE,
				 "%s is DynamoDB's; name what it is on with --table, not "
				 "with --resource",
				 name);
	snprintf(simulation->action, sizeof(simulation->action), PREFIX "%s", name);
	return 0;
}

static bool is_word_of(const char *words, const char *word)
{
	size_t length = strlen(word);
	const char *at = words;

	while (length > 0 && (at = strstr(at, word))) {
		bool begins = at == words || at[-1] == ' ';

		if (begins && (at[length] == '\0' || at[length] == ','))
			return true;
		at += length;
	}
	return false;
}

static int check_details(const struct options *options,
			 const struct dynamodb_action *action, struct error *error)
{
	for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
		const char *value = option_value(options, details[i].option);

		if (!value)
			continue;
		if (!(action->keys & details[i].key))
			return error_set(error, ERROR_USAGE,
					 "AWS looks at no %s of %s; leave --%s out",
					 details[i].option, action->name,
					 details[i].option);
		if (details[i].words && !is_word_of(details[i].words, value))
			return error_set(error, ERROR_USAGE, "--%s is one of %s",
					 details[i].option, details[i].words);
	}
	return 0;
}

static void read_leading_keys(const struct options *options,
			      struct simulation *simulation)
{
	struct asked_list *list = &simulation->asked.leading_keys;
	const char *key;
	size_t at = 0;

	/* The parser keeps no more options than there is room for here. */
	while ((key = option_next(options, "leading-key", &at)))
		simulation->leading_keys[list->count++] = key;
	list->list = simulation->leading_keys;
	list->is_missing = list->count == 0;
}

/* Each --attributes is a list with commas; all of them count. */
static int read_attributes(const struct options *options, struct simulation *simulation,
			   struct error *error)
{
	struct asked_list *list = &simulation->asked.attributes;
	const char *names;
	char *rest, *name;
	size_t at = 0;

	list->is_missing = !option_value(options, "attributes");
	while ((names = option_next(options, "attributes", &at)))
		if (buffer_print(&simulation->names, "%s,", names) < 0)
			return error_set(error, ERROR_LIMIT,
					 "--attributes is longer than %d characters",
					 ATTRIBUTES_MAX);
	rest = simulation->names.bytes;
	while ((name = strsep(&rest, ","))) {
		if (*name == '\0')
			continue;
		if (list->count == SIMULATION_LIST_MAX)
			return error_set(error, ERROR_LIMIT,
					 "--attributes names more than %d",
					 SIMULATION_LIST_MAX);
		simulation->attributes[list->count++] = name;
	}
	list->list = simulation->attributes;
	return 0;
}

static int read_times(const struct options *options, struct simulation *simulation,
		      struct error *error)
{
	int r = subject_time(options, "at", clock_wall_seconds(&clock_system),
			     &simulation->asked.at, error);

	return r < 0 ? r
		     : subject_time(options, "ends-at", 0, &simulation->ends_at, error);
}

static const char *value_or(const struct options *options, const char *name,
			    const char *otherwise)
{
	const char *value = option_value(options, name);

	return value ? value : otherwise;
}

/* What only DynamoDB's actions have. */
static int read_dynamodb(const struct options *options,
			 const struct dynamodb_action *action,
			 struct simulation *simulation, struct error *error)
{
	struct asked *asked = &simulation->asked;
	int r = simulation_read_resource(options, asked, action, error);

	if (r == 0)
		r = check_details(options, action, error);
	if (r == 0)
		r = read_attributes(options, simulation, error);
	if (r < 0)
		return r;
	read_leading_keys(options, simulation);
	asked->select = option_value(options, "select");
	asked->return_values = option_value(options, "return-values");
	asked->enclosing_operation = option_value(options, "within");
	if (action->keys & KEY_FULL_TABLE_SCAN)
		asked->full_table_scan = option_value(options, "full-table-scan")
					     ? ANSWER_YES
					     : ANSWER_NO;
	return 0;
}

int simulation_read(const struct options *options, const struct subject *subject,
		    struct simulation *simulation, struct error *error)
{
	const struct dynamodb_action *action;
	struct asked *asked = &simulation->asked;
	int r;

	memset(simulation, 0, sizeof(*simulation));
	simulation->names = (struct buffer)BUFFER_WITH_LIMIT(ATTRIBUTES_MAX);
	r = read_action(options, simulation, &action, error);
	if (r == 0 && action)
		r = read_dynamodb(options, action, simulation, error);
	if (r == 0)
		r = read_times(options, simulation, error);
	if (r == 0)
		r = simulation_read_context(options, subject, simulation, error);
	if (r < 0)
		return r;
	asked->region = value_or(options, "region", subject->place.region);
	asked->account_id = value_or(options, "account", subject->place.account_id);
	asked->endpoint = option_value(options, "endpoint");
	asked->tags = subject->bindings;
	asked->tag_count = subject->binding_count;
	return 0;
}

void simulation_done(struct simulation *simulation)
{
	for (size_t i = 0; i < SIMULATION_LIST_MAX; i++)
		free(simulation->context_keys[i]);
	free(simulation->role_arn);
	buffer_done(&simulation->names);
}
