/* SPDX-License-Identifier: MIT */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secret.h"
#include "broker/commands.h"
#include "broker/routes.h"

/*
 * Wipes what jansson frees.  Not json_init_wiping(): libjose gives texts of
 * jansson's to free() itself, so each block has to be one of malloc()'s.
 */
static void wiping_free(void *block)
{
	if (block)
		explicit_bzero(block, malloc_usable_size(block));
	free(block);
}

static void print_help(FILE *file)
{
	fputs("Usage: jit-broker COMMAND DIR [ARGUMENT...] [--json]\n\n", file);
	for (const struct command *command = commands; command->name; command++)
		fprintf(file, "  %-10s %-9s %s\n", command->name, command->arguments,
			command->summary);
	fputs("\n  --json     print JSON for programs\n"
	      "  --help     print this\n"
	      "  --version  print the version\n",
	      file);
}

static const struct command *find(const char *name)
{
	for (const struct command *command = commands; command->name; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

/* Takes the options out; what is left are arguments. */
static int take_options(struct invocation *invocation, struct error *error)
{
	int kept = 0;

	for (int i = 0; i < invocation->count; i++) {
		char *argument = invocation->arguments[i];

		if (strcmp(argument, "--json") == 0)
			invocation->json = true;
		else if (argument[0] == '-')
			return error_set(error, ERROR_USAGE, "no option %s",
					 TEXT_ESCAPED(argument));
		else
			invocation->arguments[kept++] = argument;
	}
	invocation->count = kept;
	return 0;
}

static int run(struct invocation *invocation, struct error *error)
{
	const char *name;
	const struct command *command;
	int r = take_options(invocation, error);

	if (r < 0)
		return r;
	name = invocation->count > 0 ? invocation->arguments[0] : "";
	command = find(name);
	if (!command) {
		r = error_set(error, ERROR_USAGE, "no command '%s'", TEXT_ESCAPED(name));
		error_next(error, "jit-broker --help");
		return r;
	}
	invocation->count--;
	invocation->arguments++;
	if (invocation->count < command->least || invocation->count > command->most)
		return error_set(error, ERROR_USAGE, "usage: jit-broker %s %s",
				 command->name, command->arguments);
	return command->run(invocation, error);
}

static int report(const struct invocation *invocation, const struct error *error)
{
	scoped(json_text_freep) char *text = NULL;
	json_auto_t *json = NULL;
	char sentence[sizeof(error->text) + sizeof(error->next) + 16];

	if (invocation->json) {
		json = routes_error_json(error);
		text = json ? json_text(json) : NULL;
		fprintf(stderr, "%s\n", text ? text : "{}");
	} else {
		fprintf(stderr, "jit-broker: %s\n",
			error_sentence(error, sentence, sizeof(sentence)));
	}
	return error_exit_status(error->kind);
}

int main(int argc, char **argv)
{
	struct error error = { .kind = ERROR_NONE };
	struct invocation invocation = { argc - 1, argv + 1, false };

	json_set_alloc_funcs(malloc, wiping_free);
	if (secret_init() < 0 || secret_harden_process() < 0) {
		error_set(&error, ERROR_INTERNAL, "this machine has no locked memory");
		return report(&invocation, &error);
	}
	umask(077);
	log_open("jit-broker");
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("jit-broker " JIT_VERSION);
		return 0;
	}
	if (argc == 2 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
		print_help(stdout);
		return 0;
	}
	if (argc < 2) {
		print_help(stderr);
		return error_exit_status(ERROR_USAGE);
	}
	if (run(&invocation, &error) < 0)
		return report(&invocation, &error);
	return 0;
}
