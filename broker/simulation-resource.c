/* SPDX-License-Identifier: MIT */
#include "broker/simulation-parts.h"

/* clang-format off */
/* Below a table; what an action has to be on to take them. */
static const struct {
	const char *option;
	enum resource_kind kind;
	unsigned int on;
} children[] = {
	{ "index",  RESOURCE_INDEX,  ON_INDEX },
	{ "stream", RESOURCE_STREAM, ON_STREAM },
	{ "backup", RESOURCE_BACKUP, ON_BACKUP },
	{ "export", RESOURCE_EXPORT, ON_EXPORT },
	{ "import", RESOURCE_IMPORT, ON_IMPORT },
};
/* clang-format on */

static int read_child(const struct options *options, struct asked *asked,
		      const struct dynamodb_action *action, struct error *error)
{
	for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++) {
		const char *child = option_value(options, children[i].option);

		if (!child)
			continue;
		if (!(action->resources & children[i].on))
			return error_set(
			    error, ERROR_USAGE, "%s is called on no %s; leave --%s out",
			    action->name, children[i].option, children[i].option);
		asked->resource = children[i].kind;
		asked->child = child;
	}
	return 0;
}

static int read_global_table(const char *name, struct asked *asked,
			     const struct dynamodb_action *action, struct error *error)
{
	if (!(action->resources & ON_GLOBAL_TABLE))
		return error_set(error, ERROR_USAGE,
				 "%s is called on no global table; leave "
				 "--global-table out",
				 action->name);
	if (asked->table)
		return error_set(error, ERROR_USAGE,
				 "name the table or the global table, not both");
	asked->resource = RESOURCE_GLOBAL_TABLE;
	asked->table = name;
	return 0;
}

/* "--index NAME", of what an action is on that is on no table itself. */
static const char *first_child(const struct dynamodb_action *action)
{
	for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++)
		if (action->resources & children[i].on)
			return children[i].option;
	return "global-table";
}

int simulation_read_resource(const struct options *options, struct asked *asked,
			     const struct dynamodb_action *action, struct error *error)
{
	const char *global = option_value(options, "global-table");
	int r = read_child(options, asked, action, error);

	asked->table = option_value(options, "table");
	if (r < 0)
		return r;
	if (global)
		return read_global_table(global, asked, action, error);
	if (action->resources == 0 && asked->table)
		return error_set(error, ERROR_USAGE,
				 "%s is about the whole account; leave --table out",
				 action->name);
	if (action->resources == 0)
		return 0;
	if (!asked->table)
		return error_set(error, ERROR_USAGE,
				 "say which table %s is called on: --table NAME",
				 action->name);
	if (asked->child)
		return 0;
	if (!(action->resources & ON_TABLE))
		return error_set(error, ERROR_USAGE,
				 "%s is not called on a table alone; add --%s NAME",
				 action->name, first_child(action));
	asked->resource = RESOURCE_TABLE;
	return 0;
}
