/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "policy/document.h"
#include "policy/dynamodb.h"

/*
 * One access becomes up to four statements, because they need other
 * resources and conditions: what touches items, PartiQL's reading where columns
 * limit it, what touches tables, and what only the account as a whole can be
 * asked.
 */
enum group {
	GROUP_ITEMS,
	GROUP_SELECT,
	GROUP_TABLES,
	GROUP_ACCOUNT,
	GROUPS,
};

struct compiler {
	const struct dynamodb_access *access;
	const struct place *place;
	enum detail detail;
	json_t *out;
};

static enum group group_of(const struct dynamodb_access *access,
			   const struct dynamodb_action *action)
{
	if (action->resources == 0)
		return GROUP_ACCOUNT;
	if (!action_is_on_items(action))
		return GROUP_TABLES;
	return dynamodb_wants_select(access, action) ? GROUP_SELECT : GROUP_ITEMS;
}

static int add_arn(json_t *list, const struct compiler *compiler, const char *service_arn,
		   const char *table, const char *rest)
{
	struct buffer arn = BUFFER_WITH_LIMIT(4096);
	int r = buffer_print(
	    &arn, "arn:%s:dynamodb:%s:%s:%s/%s%s", partition_of(compiler->place->region),
	    strcmp(service_arn, "global-table") == 0 ? "" : compiler->place->region,
	    compiler->place->account_id, service_arn, table, rest);

	if (r == 0 && json_array_append_new(list, document_text(arn.bytes)) < 0)
		r = -ENOMEM;
	buffer_done(&arn);
	return r;
}

static int add_indexes(json_t *list, const struct compiler *compiler, const char *table)
{
	struct buffer rest = BUFFER_WITH_LIMIT(512);
	int r = 0;

	for (size_t i = 0; r == 0 && i < compiler->access->indexes.count; i++) {
		buffer_done(&rest);
		r = buffer_print(&rest, "/index/%s", compiler->access->indexes.list[i]);
		if (r == 0)
			r = add_arn(list, compiler, "table", table, rest.bytes);
	}
	buffer_done(&rest);
	return r;
}

static int add_children(json_t *list, const struct compiler *compiler, const char *table,
			unsigned int resources)
{
	static const struct {
		unsigned int resource;
		const char *rest;
	} children[] = {
		{ ON_STREAM, "/stream/*" },
		{ ON_BACKUP, "/backup/*" },
		{ ON_EXPORT, "/export/*" },
		{ ON_IMPORT, "/import/*" },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(children) / sizeof(children[0]); i++)
		if (resources & children[i].resource)
			r = add_arn(list, compiler, "table", table, children[i].rest);
	return r;
}

/* The ARNs of one table; a * at a name's end covers all below, too. */
static int add_table(json_t *list, const struct compiler *compiler, const char *table,
		     unsigned int resources)
{
	const struct dynamodb_access *access = compiler->access;
	bool is_open = strchr(table, '*');
	int r = 0;

	if (access->only_indexes)
		return add_indexes(list, compiler, table);
	if (resources & ON_TABLE || (is_open && resources != ON_GLOBAL_TABLE))
		r = add_arn(list, compiler, "table", table, "");
	if (r == 0 && !is_open && (access->is_deny || access->all_actions))
		r = add_arn(list, compiler, "table", table, "/*");
	else if (r == 0 && !is_open) {
		if (resources & ON_INDEX)
			r = add_indexes(list, compiler, table);
		if (r == 0)
			r = add_children(list, compiler, table, resources);
	}
	if (r == 0 && resources & ON_GLOBAL_TABLE)
		r = add_arn(list, compiler, "global-table", table, "");
	return r;
}

static json_t *resources_of(const struct compiler *compiler, unsigned int resources)
{
	const struct words *tables = &compiler->access->tables;
	json_t *list;

	if (resources == 0)
		return json_string("*");
	list = json_array();
	for (size_t i = 0; list && i < tables->count; i++)
		if (add_table(list, compiler, tables->list[i], resources) < 0) {
			json_decref(list);
			return NULL;
		}
	return document_one_or_many(list);
}

static json_t *condition_of(const struct compiler *compiler, enum group group,
			    unsigned int keys)
{
	const struct dynamodb_access *access = compiler->access;
	json_t *condition = json_object();
	int r = 0;

	if (compiler->detail == DETAIL_NO_CONDITIONS)
		return condition;
	if (group <= GROUP_SELECT && compiler->detail == DETAIL_ALL)
		r = dynamodb_conditions(access, keys, group == GROUP_SELECT, condition);
	if (r == 0 && group == GROUP_ACCOUNT && !access->is_deny)
		r = document_condition(condition, "StringEquals", "aws:RequestedRegion",
				       json_string(compiler->place->region));
	if (r == 0 && access->endpoints.count > 0 && compiler->detail == DETAIL_ALL)
		r = document_condition(condition, "StringEquals", "aws:SourceVpce",
				       document_texts(&access->endpoints));
	if (r < 0) {
		json_decref(condition);
		return NULL;
	}
	return condition;
}

/* Takes action, resource and condition over. */
static int add_statement(const struct compiler *compiler, json_t *action,
			 json_t *resource, json_t *condition)
{
	json_t *statement = json_pack("{s:s, s:o, s:o}", "Effect",
				      compiler->access->is_deny ? "Deny" : "Allow",
				      "Action", action, "Resource", resource);
	int r = !statement || !condition;

	if (r == 0 && json_object_size(condition) > 0)
		r = json_object_set(statement, "Condition", condition);
	json_decref(condition);
	if (r != 0) {
		json_decref(statement);
		return -ENOMEM;
	}
	return json_array_append_new(compiler->out, statement) < 0 ? -ENOMEM : 0;
}

static int add_group(const struct compiler *compiler, enum group group)
{
	const struct words *actions = &compiler->access->actions;
	json_t *list = json_array();
	unsigned int resources = 0, keys = 0;

	for (size_t i = 0; i < actions->count; i++) {
		const struct dynamodb_action *action = dynamodb_action(actions->list[i]);
		json_t *name;

		if (group_of(compiler->access, action) != group)
			continue;
		name = json_sprintf("dynamodb:%s", action->name);
		if (json_array_append_new(list, name) < 0) {
			json_decref(list);
			return -ENOMEM;
		}
		resources |= action->resources;
		keys |= action->keys;
	}
	if (json_array_size(list) == 0) {
		json_decref(list);
		return 0;
	}
	return add_statement(compiler, document_one_or_many(list),
			     resources_of(compiler, resources),
			     condition_of(compiler, group, keys));
}

/* Everything: on "*" nothing but the region limits it. */
static int add_all_actions(const struct compiler *compiler)
{
	bool is_everywhere = words_have(&compiler->access->tables, "*");

	return add_statement(
	    compiler, json_string("dynamodb:*"),
	    resources_of(compiler, is_everywhere ? 0 : ~0U),
	    condition_of(compiler, is_everywhere ? GROUP_ACCOUNT : GROUP_TABLES, 0));
}

static json_t *item_actions(const struct dynamodb_access *access)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < dynamodb_action_count; i++) {
		const struct dynamodb_action *action = &dynamodb_actions[i];

		if (!action_reaches_items(action) ||
		    (!access->all_actions && !words_have(&access->actions, action->name)))
			continue;
		if (json_array_append_new(
			list, json_sprintf("dynamodb:%s", action->name)) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return document_one_or_many(list);
}

/*
 * Denied rows: a request that names one of them, one that does not say which
 * rows it touches, and the indexes, whose leading keys are other ones.
 */
static int add_denied_rows(const struct compiler *compiler)
{
	const struct dynamodb_access *access = compiler->access;
	struct words everything = { .list = (char *[]){ (char *)"*", NULL }, .count = 1 };
	struct dynamodb_access indexes = *access;
	struct compiler on_indexes = *compiler;
	json_t *named = json_object(), *unnamed = json_object();
	int r;

	indexes.only_indexes = true;
	indexes.indexes = everything;
	on_indexes.access = &indexes;
	r = document_condition(named, "ForAnyValue:StringLike", "dynamodb:LeadingKeys",
			       document_texts(&access->leading_keys));
	if (r == 0)
		r = document_condition(unnamed, "Null", "dynamodb:LeadingKeys",
				       json_string("true"));
	if (r == 0)
		r = add_statement(compiler, item_actions(access),
				  resources_of(compiler, ON_TABLE), json_incref(named));
	if (r == 0)
		r = add_statement(compiler, item_actions(access),
				  resources_of(compiler, ON_TABLE), json_incref(unnamed));
	if (r == 0)
		r = add_statement(compiler, item_actions(access),
				  resources_of(&on_indexes, ON_INDEX), json_object());
	json_decref(named);
	json_decref(unnamed);
	return r;
}

int dynamodb_compile(const struct statement *statement, const struct place *place,
		     enum detail detail, json_t *out)
{
	const struct compiler compiler = { statement->access, place, detail, out };
	int r = 0;

	if (compiler.access->is_deny && compiler.access->leading_keys.count > 0)
		return add_denied_rows(&compiler);
	if (compiler.access->all_actions)
		return add_all_actions(&compiler);
	for (enum group group = GROUP_ITEMS; r == 0 && group < GROUPS; group++)
		r = add_group(&compiler, group);
	return r;
}
