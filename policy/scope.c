/* SPDX-License-Identifier: MIT */
#include "policy/scope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/service.h"

#define STATEMENTS_MAX 64

struct scope *scope_new(void)
{
	return calloc(1, sizeof(struct scope));
}

int scope_add_parameter(struct scope *scope, const struct scope_parameter *parameter)
{
	size_t count = scope->parameter_count + 1;
	struct scope_parameter *list = reallocarray(scope->parameters, count,
						    sizeof(*list));
	struct scope_parameter *added;

	if (!list)
		return -ENOMEM;
	scope->parameters = list;
	scope->parameter_count = count;
	added = &list[count - 1];
	*added = *parameter;
	added->name = strdup(parameter->name);
	added->pattern = strdup(parameter->pattern);
	return added->name && added->pattern ? 0 : -ENOMEM;
}

struct scope_parameter *scope_parameter(const struct scope *scope, const char *name,
					size_t length)
{
	for (size_t i = 0; i < scope->parameter_count; i++)
		if (strlen(scope->parameters[i].name) == length &&
		    memcmp(scope->parameters[i].name, name, length) == 0)
			return &scope->parameters[i];
	return NULL;
}

static int add_statement(struct scope *scope, struct statement statement)
{
	struct statement *list = reallocarray(scope->statements, scope->count + 1,
					      sizeof(*list));

	if (!list)
		return -ENOMEM;
	scope->statements = list;
	list[scope->count++] = statement;
	return 0;
}

static void parse_service(struct scope *scope, const struct value *map, bool is_deny,
			  struct report *report)
{
	struct statement statement = { .is_deny = is_deny, .line = map->line };

	if (map->kind != VALUE_MAP || map->count != 1) {
		report_error(report, map->line,
			     "- dynamodb: { table: NAME, actions: read }",
			     "an access is one service and what it allows");
		return;
	}
	statement.service = service_find(map->keys[0]);
	if (!statement.service) {
		report_error(report, map->line, "dynamodb, or document for the rest",
			     "no service called %s", TEXT_ESCAPED(map->keys[0]));
		return;
	}
	statement.access = statement.service->parse(scope, is_deny, map->items[0],
						    report);
	if (!statement.access)
		return;
	if (add_statement(scope, statement) < 0) {
		statement.service->free(statement.access);
		report_failure(report, -ENOMEM);
	}
}

static void parse_item(struct scope *scope, const struct value *item,
		       struct report *report)
{
	const struct value *denied = value_get(item, "deny");

	if (denied && item->count == 1)
		parse_service(scope, denied, true, report);
	else
		parse_service(scope, item, false, report);
}

int scope_parse(struct scope *scope, const struct value *access, struct report *report)
{
	if (access->kind != VALUE_LIST || access->count == 0) {
		report_error(report, access->line, NULL,
			     "access is a list of what is allowed, one entry at least");
		return report_result(report);
	}
	if (access->count > STATEMENTS_MAX) {
		report_error(report, access->line, "several profiles",
			     "more than %d entries in access", STATEMENTS_MAX);
		return report_result(report);
	}
	for (size_t i = 0; i < access->count; i++)
		parse_item(scope, access->items[i], report);
	return report_result(report);
}

void scope_free(struct scope *scope)
{
	if (!scope)
		return;
	for (size_t i = 0; i < scope->count; i++)
		scope->statements[i].service->free(scope->statements[i].access);
	for (size_t i = 0; i < scope->parameter_count; i++) {
		free(scope->parameters[i].name);
		free(scope->parameters[i].pattern);
	}
	free(scope->statements);
	free(scope->parameters);
	free(scope);
}
