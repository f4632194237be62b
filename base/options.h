/* SPDX-License-Identifier: MIT */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * The options of one command, by its table: long ones, as "--name=value" or
 * "--name value", anywhere among the arguments until "--".  None is guessed
 * from its first letters, none but those marked so may be given twice.
 */
#define OPTIONS_MOST 128 /* given in one call */

struct option_rule {
	const char *name; /* without the dashes */
	/*
	 * The value as help shows it: "KEY..." where the option may be given
	 * again, "[=ID]" where it may be left out, NULL for a flag.
	 */
	const char *value;
	const char *summary; /* one line */
};

/* --json and --help, which every command takes; ends with a NULL name. */
extern const struct option_rule options_common[];

struct program; /* base/command.h */

struct option_given {
	const struct option_rule *rule;
	const char *value; /* "" for a flag, or where it was left out */
};

struct options {
	const struct program *program; /* whose command it is; NULL until it runs */
	const struct option_rule *rules;
	struct option_given given[OPTIONS_MOST]; /* in their order */
	size_t given_count;
	char **arguments; /* what is no option */
	int count;
	bool json;
	bool help;
};

/*
 * Reads count words by rules (ending with a NULL name).  The arguments are
 * moved to the front of words, which must outlive the result.  Returns 0, or
 * error_set(error, ERROR_USAGE, ...).
 */
int options_parse(struct options *options, const struct option_rule *rules, char **words,
		  int count, struct error *error);

/* Whether words ask for JSON, even when they are wrong otherwise. */
bool options_want_json(char **words, int count);

/* The value of an option of the table; NULL if it was not given. */
const char *option_value(const struct options *options, const char *name);

/*
 * The values of one that repeats, in their order: each call returns the next,
 * NULL past the last.  *at starts at 0.
 */
const char *option_next(const struct options *options, const char *name, size_t *at);

/*
 * The same for a text that goes into JSON; *text is NULL if it was not given.
 * Returns 0, or error_set(error, ERROR_USAGE, ...) where it is not UTF-8.
 */
int option_text(const struct options *options, const char *name, const char **text,
		struct error *error);

/*
 * The same for a duration, in seconds; *seconds is untouched if it was not
 * given.  Returns 0, or error_set(error, ERROR_USAGE, ...).
 */
int option_seconds(const struct options *options, const char *name, int64_t *seconds,
		   struct error *error);

#endif
