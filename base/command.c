/* SPDX-License-Identifier: MIT */
#include "base/command.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/help.h"
#include "base/output.h"
#include "base/text.h"

const struct option_rule options_none[] = { { NULL, NULL, NULL } };

const struct command *command_find(const struct program *program, const char *name)
{
	for (const struct command *row = program->commands; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

static int check_count(const struct command *command, const struct options *options,
		       struct error *error)
{
	if (options->count >= command->least && options->count <= command->most)
		return 0;
	if (options->count < command->least)
		return error_set(error, ERROR_USAGE, "%s needs %s", command->name,
				 command->arguments);
	if (command->most == 0)
		return error_set(error, ERROR_USAGE, "%s takes no argument such as %s",
				 command->name, TEXT_ESCAPED(options->arguments[0]));
	return error_set(error, ERROR_USAGE, "%s takes %s and no more", command->name,
			 command->arguments);
}

/* Becomes the program that has the command; returns only where it cannot. */
static int run_elsewhere(const struct program *program, char **argv, struct error *error)
{
	char path[PATH_MAX], self[PATH_MAX];
	const char *name;
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int written;

	if (length < 0)
		return error_set(error, ERROR_INTERNAL, "cannot read /proc/self/exe: %s",
				 strerror(errno));
	self[length] = '\0';
	name = strrchr(self, '/');
	if (name && strcmp(name + 1, program->elsewhere) == 0)
		return error_set(error, ERROR_INTERNAL, "%s lacks that command", self);
	written = snprintf(path, sizeof(path), "%s/../libexec/%s", dirname(self),
			   program->elsewhere);
	if (written >= (int)sizeof(path))
		return error_set(error, ERROR_INTERNAL, "its path is too long");
	execv(path, argv);
	return error_set(error, ERROR_INTERNAL, "cannot run %s: %s", path,
			 strerror(errno));
}

static int run(const struct program *program, const struct command *command, char **words,
	       int count, struct error *error)
{
	struct options options;
	int r = options_parse(&options, command->options, words, count, error);

	if (r == 0 && options.help) {
		help_print_command(stdout, program, command);
		return output_finish(error);
	}
	if (r == 0)
		r = check_count(command, &options, error);
	if (r < 0) {
		error_next(error, "%s %s --help", program->name, command->name);
		return r;
	}
	options.program = program;
	r = command->run(&options, error);
	return r != 0 ? r : output_finish(error);
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

int program_run(const struct program *program, int argc, char **argv)
{
	struct error error = { .kind = ERROR_NONE };
	bool wants_json = options_want_json(argv + 1, argc - 1);
	const struct command *command;
	int r = -EINVAL;

	descriptors_hold_standard();
	if (argc < 2) {
		help_print(stderr, program);
		return error_exit_status(ERROR_USAGE);
	}
	command = command_find(program, command_name(argv[1]));
	if (!command) {
		error_set(&error, ERROR_USAGE, "there is no command '%s'",
			  TEXT_ESCAPED(argv[1]));
		error_next(&error, "%s help", program->name);
	}
	if (command && !command->run)
		r = run_elsewhere(program, argv, &error);
	else if (command)
		r = run(program, command, argv + 2, argc - 2, &error);
	if (r < 0) {
		output_error(program->name, &error, wants_json);
		return error_exit_status(error.kind);
	}
	return r;
}
