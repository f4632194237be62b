/* SPDX-License-Identifier: MIT */
#include "broker/access.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "broker/findings.h"
#include "broker/profiles-yaml.h"
#include "policy/scope.h"
#include "policy/value.h"

#define DEPTH_MAX 32

/* line: of what stands before it, for a value that is not there at all. */
static struct value *value_of(struct fy_node *node, unsigned int line,
			      unsigned int depth);

static struct value *value_of_scalar(struct fy_node *node)
{
	size_t length = 0;
	const char *text = fy_node_get_scalar(node, &length);

	if (!text)
		text = "";
	return value_new_text(text, length, fy_node_get_style(node) == FYNS_PLAIN,
			      yaml_line(node));
}

static struct value *value_of_list(struct fy_node *node, unsigned int depth)
{
	struct value *list = value_new(VALUE_LIST, yaml_line(node));
	struct fy_node *item;
	void *iterator = NULL;

	while (list && (item = fy_node_sequence_iterate(node, &iterator)))
		if (value_add(list, NULL, 0, value_of(item, list->line, depth)) < 0) {
			value_free(list);
			return NULL;
		}
	return list;
}

static struct value *value_of_map(struct fy_node *node, unsigned int depth)
{
	struct value *map = value_new(VALUE_MAP, yaml_line(node));
	struct fy_node_pair *pair;
	void *iterator = NULL;

	while (map && (pair = fy_node_mapping_iterate(node, &iterator))) {
		size_t length = 0;
		struct fy_node *name = fy_node_pair_key(pair);
		const char *key = fy_node_get_scalar(name, &length);

		if (value_add(
			map, key ? key : "", length,
			value_of(fy_node_pair_value(pair), yaml_line(name), depth)) < 0) {
			value_free(map);
			return NULL;
		}
	}
	return map;
}

/* NULL when memory is short or it is nested too deep. */
static struct value *value_of(struct fy_node *node, unsigned int line, unsigned int depth)
{
	if (!node)
		return value_new_text("", 0, true, line);
	if (depth > DEPTH_MAX)
		return NULL;
	if (fy_node_is_scalar(node))
		return value_of_scalar(node);
	return fy_node_is_sequence(node) ? value_of_list(node, depth + 1)
					 : value_of_map(node, depth + 1);
}

struct addressee {
	struct findings *findings;
	const char *profile;
};

static int add_finding(void *data, bool is_error, unsigned int line, const char *instead,
		       const char *message)
{
	struct addressee *addressee = data;

	return findings_add(addressee->findings, is_error, line, addressee->profile,
			    instead, "%s", message);
}

static bool rule_uses(const struct rule *rule, const char *parameter)
{
	if (!rule)
		return false;
	if (rule->customer_of && strcmp(rule->customer_of, parameter) == 0)
		return true;
	for (struct rule *const *child = rule->children; child && *child; child++)
		if (rule_uses(*child, parameter))
			return true;
	return false;
}

static void check_use(const struct scope *scope, const struct profile *profile,
		      struct report *report)
{
	for (size_t i = 0; i < scope->parameter_count; i++)
		if (!scope->parameters[i].is_used &&
		    !rule_uses(profile->approval, scope->parameters[i].name))
			report_error(report, scope->parameters[i].line,
				     "${NAME} where it is meant",
				     "the parameter %s is asked for and used nowhere",
				     scope->parameters[i].name);
}

static int add_parameters(struct scope *scope, const struct profile *profile)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < profile->parameter_count; i++)
		r = scope_add_parameter(
		    scope, &(struct scope_parameter){
			       .name = profile->parameters[i].name,
			       .pattern = profile->parameters[i].pattern,
			       .line = profile->parameters[i].line,
			       .pattern_line = profile->parameters[i].pattern_line,
			   });
	return r;
}

int access_parse(struct fy_node *access, const struct profile *profile,
		 struct scope **scope, struct findings *findings)
{
	struct addressee addressee = { findings, profile->name };
	struct report report = { .add = add_finding, .data = &addressee };
	scoped(value_freep) struct value *value = value_of(access, profile->line, 0);
	scoped(scope_freep) struct scope *made = scope_new();
	int r;

	if (!value || !made || add_parameters(made, profile) < 0)
		return -ENOMEM;
	r = scope_parse(made, value, &report);
	if (r == -ENOMEM)
		return r;
	check_use(made, profile, &report);
	scope_lint(made,
		   &(struct lint_facts){
		       .line = value->line,
		       .region = profile->account ? profile->account->region : NULL,
		       .account_id = profile->account ? profile->account->id : NULL,
		   },
		   &report);
	r = report_result(&report);
	if (r == 0)
		*scope = take(made);
	return r;
}
