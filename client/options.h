/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * The options of one command, by its table: long ones, as "--name=value" or
 * "--name value", anywhere among the arguments until "--".  None is guessed
 * from its first letters, none may be given twice.
 */
#define OPTIONS_MOST 6

struct option_rule {
	const char *name;    /* without the dashes */
	const char *value;   /* what stands for the value in help; NULL for a flag */
	const char *summary; /* one line */
};

/* --json and --help, which every command takes; ends with a NULL name. */
extern const struct option_rule options_common[];

struct options {
	const struct option_rule *rules;
	const char *values[OPTIONS_MOST]; /* as the rules stand; "" for a flag given */
	char **arguments;                 /* what is no option */
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
 * The same for a duration, in seconds; *seconds is untouched if it was not
 * given.  Returns 0, or error_set(error, ERROR_USAGE, ...).
 */
int option_seconds(const struct options *options, const char *name, int64_t *seconds,
		   struct error *error);

#endif
