/* SPDX-License-Identifier: MIT */
#include "client/help.h"

void help_print(FILE *file)
{
	fputs("usage: jitctl COMMAND [ARGUMENT]... [--json]\n\n", file);
	for (const struct command *command = commands; command->name; command++)
		fprintf(file, "  %-10s %s\n", command->name, command->summary);
	fputs("\n\"jitctl COMMAND --help\" tells more; jitctl(1) tells all\n", file);
}

static void print_options(FILE *file, const struct option_rule *rules)
{
	for (const struct option_rule *rule = rules; rule->name; rule++) {
		int used = fprintf(file, "  --%s%s%s", rule->name, rule->value ? " " : "",
				   rule->value ? rule->value : "");

		fprintf(file, "%*s %s\n", used < 24 ? 24 - used : 1, "", rule->summary);
	}
}

void help_print_command(FILE *file, const struct command *command)
{
	fprintf(file, "usage: jitctl %s%s%s%s\n\n%s\n\n", command->name,
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

void help_print_table(FILE *file)
{
	for (const struct command *command = commands; command->name; command++) {
		fprintf(file, "command\t%s\t%s\t%s\n", command->name, command->arguments,
			command->summary);
		print_option_rows(file, command->name, command->options);
		print_option_rows(file, command->name, options_common);
	}
}
