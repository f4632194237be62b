/* SPDX-License-Identifier: MIT */
#include "base/help.h"

#include "base/output.h"
#include "base/text.h"

#define OPTION_WIDTH 24

const struct option_rule options_help[] = {
	{ "complete", NULL, "print the table that completions are made from" },
	{ NULL, NULL, NULL },
};

void help_print(FILE *file, const struct program *program)
{
	fprintf(file, "usage: %s COMMAND [ARGUMENT]... [--json]\n\n", program->name);
	for (const struct command *row = program->commands; row->name; row++)
		fprintf(file, "  %-10s %s\n", row->name, row->summary);
	fprintf(file, "\n\"%s COMMAND --help\" tells more; %s tells all\n", program->name,
		program->page);
}

static void print_options(FILE *file, const struct option_rule *rules)
{
	for (const struct option_rule *rule = rules; rule->name; rule++) {
		int used = fprintf(file, "  --%s%s%s", rule->name,
				   rule->value && rule->value[0] != '[' ? " " : "",
				   rule->value ? rule->value : "");

		fprintf(file, "%*s %s\n", used < OPTION_WIDTH ? OPTION_WIDTH - used : 1,
			"", rule->summary);
	}
}

void help_print_command(FILE *file, const struct program *program,
			const struct command *command)
{
	fprintf(file, "usage: %s %s%s%s%s\n\n%s\n\n", program->name, command->name,
		*command->arguments ? " " : "", command->arguments,
		command->options->name ? " [OPTION]..." : "", command->summary);
	print_options(file, command->options);
	print_options(file, options_common);
}

static void print_option_rows(FILE *file, const char *command,
			      const struct option_rule *rules)
{
	for (const struct option_rule *rule = rules; rule->name; rule++)
		fprintf(file, "option\t%s\t%s\t%s\t%s\n", command, rule->name,
			rule->value ? rule->value : "", rule->summary);
}

void help_print_table(FILE *file, const struct program *program)
{
	for (const struct command *row = program->commands; row->name; row++) {
		fprintf(file, "command\t%s\t%s\t%s\n", row->name, row->arguments,
			row->summary);
		print_option_rows(file, row->name, row->options);
		print_option_rows(file, row->name, options_common);
	}
}

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

static json_t *commands_json(const struct program *program)
{
	json_t *list = json_array();

	for (const struct command *row = program->commands; row->name; row++)
		json_array_append_new(list, command_json(row));
	return json_pack("{s:o}", "commands", list);
}

int command_help(const struct options *options, struct error *error)
{
	const struct program *program = options->program;
	const struct command *command = NULL;
	int r;

	if (options->count > 0)
		command = command_find(program, options->arguments[0]);
	if (options->count > 0 && !command) {
		r = error_set(error, ERROR_USAGE, "there is no command '%s'",
			      TEXT_ESCAPED(options->arguments[0]));
		error_next(error, "%s help", program->name);
		return r;
	}
	if (options->json)
		return output_json(
		    command ? command_json(command) : commands_json(program), error);
	if (option_value(options, "complete"))
		help_print_table(stdout, program);
	else if (command)
		help_print_command(stdout, program, command);
	else
		help_print(stdout, program);
	return 0;
}

int command_version(const struct options *options, struct error *error)
{
	if (options->json)
		return output_json(json_pack("{s:s}", "version", JIT_VERSION), error);
	printf("%s %s\n", options->program->name, JIT_VERSION);
	return 0;
}
