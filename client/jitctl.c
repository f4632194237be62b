/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "client/commands.h"
#include "client/help.h"
#include "client/output.h"

static int check_count(const struct command *command, const struct options *options,
		       struct error *error)
{
	int r;

	if (options->count >= command->least && options->count <= command->most)
		return 0;
	if (options->count < command->least)
		r = error_set(error, ERROR_USAGE, "%s needs %s", command->name,
			      command->arguments);
	else if (command->most == 0)
		r = error_set(error, ERROR_USAGE, "%s takes no argument such as %s",
			      command->name, TEXT_ESCAPED(options->arguments[0]));
	else
		r = error_set(error, ERROR_USAGE, "%s takes %s and no more",
			      command->name, command->arguments);
	return r;
}

static int run(const struct command *command, char **words, int count,
	       struct error *error)
{
	struct options options;
	int r = options_parse(&options, command->options, words, count, error);

	if (r == 0 && options.help) {
		help_print_command(stdout, command);
		return output_finish(error);
	}
	if (r == 0)
		r = check_count(command, &options, error);
	if (r < 0) {
		error_next(error, "jitctl %s --help", command->name);
		return r;
	}
	r = command->run(&options, error);
	return r < 0 ? r : output_finish(error);
}

/* "jitctl --help" and "jitctl --version" are what people try first. */
static const char *command_name(const char *word)
{
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return "help";
	if (strcmp(word, "--version") == 0)
		return "version";
	return word;
}

int main(int argc, char **argv)
{
	struct error error = { .kind = ERROR_NONE };
	const struct command *command;

	json_init_wiping();
	if (secret_harden_process() < 0) {
		fputs("jitctl: cannot keep this process from being read by others\n",
		      stderr);
		return error_exit_status(ERROR_INTERNAL);
	}
	if (argc < 2) {
		help_print(stderr);
		return error_exit_status(ERROR_USAGE);
	}
	command = command_find(command_name(argv[1]));
	if (!command) {
		error_set(&error, ERROR_USAGE, "there is no command %s",
			  TEXT_ESCAPED(argv[1]));
		error_next(&error, "jitctl help");
	}
	if (!command || run(command, argv + 2, argc - 2, &error) < 0) {
		output_error(&error, options_want_json(argv + 2, argc - 2));
		return error_exit_status(error.kind);
	}
	return error_exit_status(ERROR_NONE);
}
