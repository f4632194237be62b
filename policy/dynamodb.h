/* SPDX-License-Identifier: MIT */
#ifndef POLICY_DYNAMODB_H
#define POLICY_DYNAMODB_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "policy/meaning.h"
#include "policy/scope.h"
#include "policy/service.h"

/*
 * DynamoDB's part of the language:
 *
 *	dynamodb:
 *	  table: orders             or a list, "orders-*", "*"
 *	  indexes: [by-date]        or "*"; none by default
 *	  only_indexes: true        the table itself left out
 *	  actions: read             sets (dynamodb-sets.c) and DynamoDB's own names
 *	  batch: false              true by default
 *	  transactions: true        false by default
 *	  partiql: true             false by default
 *	  leading_keys: [...]       rows, by partition key; * and ? are wildcards
 *	  attributes: [...]         columns; except_attributes: all but these
 *	  keys: [pk, sk]            the table's key attributes, to check columns by
 *	  endpoint: vpce-0abc       or a list
 */

/* What AWS knows of an action: a row of the table in dynamodb-actions.c. */
enum {
	ON_TABLE = 1 << 0,
	ON_INDEX = 1 << 1,
	ON_STREAM = 1 << 2,
	ON_BACKUP = 1 << 3,
	ON_EXPORT = 1 << 4,
	ON_IMPORT = 1 << 5,
	ON_GLOBAL_TABLE = 1 << 6,
};

/* The condition keys that AWS fills in for an action. */
enum {
	KEY_ATTRIBUTES = 1 << 0,
	KEY_ENCLOSING_OPERATION = 1 << 1,
	KEY_FULL_TABLE_SCAN = 1 << 2,
	KEY_LEADING_KEYS = 1 << 3,
	KEY_RETURN_VALUES = 1 << 4,
	KEY_SELECT = 1 << 5,
	KEY_CONSUMED_CAPACITY = 1 << 6,
	KEY_FIS = 1 << 7,
	KEY_PARTITION_KEY_VALUES = 1 << 8, /* of no action, as the reference has it */
};

enum action_level {
	LEVEL_LIST,
	LEVEL_READ,
	LEVEL_WRITE,
	LEVEL_TAGGING,
	LEVEL_PERMISSIONS,
};

struct dynamodb_action {
	const char *name;
	enum action_level level;
	unsigned int resources; /* ON_...; 0: the account */
	unsigned int keys;      /* KEY_... */
};

/* Generated from AWS's service authorization reference; sorted by name. */
extern const struct dynamodb_action dynamodb_actions[];
extern const size_t dynamodb_action_count;

/* Names of condition keys without "dynamodb:"; ends with NULL. */
extern const char *const dynamodb_condition_keys[];

/* The action of that name, without "dynamodb:", or NULL. */
const struct dynamodb_action *dynamodb_action(const char *name);

/* "dynamodb:GetItem"; returns out. */
#define DYNAMODB_NAME_SIZE 64
const char *dynamodb_full_name(const struct dynamodb_action *action,
			       char out[static DYNAMODB_NAME_SIZE]);

/* Whether the action touches items, so that rows and columns can limit it. */
bool action_is_on_items(const struct dynamodb_action *action);

/* Whether it touches items, also where no condition key says which. */
bool action_reaches_items(const struct dynamodb_action *action);

/* Whether a condition can go with it, and the item that fails it come back. */
bool action_has_condition(const struct dynamodb_action *action);

/* Whether it is one of PartiQL's, of a batch. */
bool action_is_partiql(const struct dynamodb_action *action);
bool action_is_batch(const struct dynamodb_action *action);

enum {
	VERB_READ = 1 << 0,
	VERB_PUT = 1 << 1,
	VERB_UPDATE = 1 << 2,
	VERB_DELETE = 1 << 3,
};

/* A named set of actions: a row of the one table in dynamodb-sets.c. */
struct action_set {
	const char *name;
	unsigned int verbs;         /* VERB_...: what it does with items */
	const char *summary;        /* how words name it where it does none of these */
	const char *const *actions; /* ends with NULL; NULL: every action */
};

extern const struct action_set action_sets[]; /* ends with a NULL name */
const struct action_set *action_set(const char *name);

struct dynamodb_access {
	struct words tables;
	struct words indexes;
	struct words names;   /* of actions and sets, as written */
	struct words actions; /* DynamoDB's names, sorted; empty if all */
	struct words leading_keys;
	struct words attributes;
	struct words except_attributes;
	struct words keys;
	struct words endpoints;
	bool is_deny;
	bool all_actions; /* admin */
	bool only_indexes;
	bool transactions;
	bool full_table_scan; /* PartiQL may do what Scan does */
	unsigned int line;
	unsigned int tables_line, actions_line, leading_keys_line, attributes_line;
	unsigned int endpoint_line;
};

/* Works out access->actions from names and switches; tells what contradicts. */
struct switches {
	const struct value *batch, *transactions, *partiql; /* NULL: not said */
};
void dynamodb_choose_actions(struct dynamodb_access *access,
			     const struct switches *switches, struct report *report);

/* Tell of a table's or an index's name (a pattern) that means none, or too much. */
void dynamodb_check_table(const struct value *value, struct report *report);
void dynamodb_check_index(const struct value *value, struct report *report);

/* The first of its tables that is a prefix, or "*"; NULL: it names each of them. */
const char *dynamodb_open_table(const struct dynamodb_access *access);

/* Whether rows or columns limit it. */
bool dynamodb_is_limited(const struct dynamodb_access *access);

/*
 * Adds the conditions of rows, columns, transactions and scans for actions that
 * touch items and carry these keys (KEY_...).  wants_select: a request without
 * Select is not let through.  0 or -ENOMEM.
 */
int dynamodb_conditions(const struct dynamodb_access *access, unsigned int keys,
			bool wants_select, json_t *condition);

/* Whether the action goes under conditions that want Select to be there. */
bool dynamodb_wants_select(const struct dynamodb_access *access,
			   const struct dynamodb_action *action);

int dynamodb_compile(const struct statement *statement, const struct place *place,
		     enum detail detail, json_t *out);
int dynamodb_words(const struct statement *statement, const struct binding *bindings,
		   size_t count, struct buffer *out);
unsigned int dynamodb_covers(const struct statement *statement, bool is_deny,
			     const struct place *place, const struct asked *asked);
enum part dynamodb_misfit(const struct statement *statement, const struct place *place,
			  const struct asked *asked, unsigned int *line);
int dynamodb_misfit_words(const struct statement *statement, const struct asked *asked,
			  enum part part, struct buffer *out);

/* Whether it matches one of words, with the request's parameters in them. */
bool dynamodb_is_one_of(const struct words *words, const struct asked *asked,
			const char *value);
void dynamodb_lint(const struct scope *scope, const struct statement *statement,
		   struct report *report);

#endif
