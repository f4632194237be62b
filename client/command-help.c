/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "client/commands.h"
#include "client/help.h"
#include "client/output.h"

const struct option_rule options_help[] = {
	{ "complete", NULL, "print the table that completions are made from" },
	{ NULL, NULL, NULL },
};

static json_t *options_json(const struct option_rule *rules)
{
	json_t *list = json_array();

	for (; rules->name; rules++)
		json_array_append_new(list, json_pack("{s:s, s:s?, s:s}", "name",
						      rules->name, "value", rules->value,
						      "summary", rules->summary));
	return list;
}

static json_t *command_json(const struct command *command)
{
	return json_pack("{s:s, s:s, s:s, s:o}", "name", command->name, "arguments",
			 command->arguments, "summary", command->summary, "options",
			 options_json(command->options));
}

static json_t *commands_json(void)
{
	json_t *list = json_array();

	for (const struct command *command = commands; command->name; command++)
		json_array_append_new(list, command_json(command));
	return json_pack("{s:o}", "commands", list);
}

int command_help(const struct options *options, struct error *error)
{
	const struct command *command = NULL;
	int r;

	if (options->count > 0)
		command = command_find(options->arguments[0]);
	if (options->count > 0 && !command) {
		r = error_set(error, ERROR_USAGE, "there is no command %s",
			      TEXT_ESCAPED(options->arguments[0]));
		error_next(error, "jitctl help");
		return r;
	}
	if (options->json)
		return output_json(command ? command_json(command) : commands_json(),
				   error);
	if (option_value(options, "complete"))
		help_print_table(stdout);
	else if (command)
		help_print_command(stdout, command);
	else
		help_print(stdout);
	return 0;
}
