/* SPDX-License-Identifier: MIT */
#include "policy/lint-pattern.h"

#include <string.h>

#include "base/text.h"
#include "policy/pattern.h"

/* A variable of a text whose parameter is known. */
struct variable {
	const char *start, *after; /* in the text: its '$', and what is behind its '}' */
	const struct scope_parameter *parameter;
	struct pattern_facts facts;
};

/* The next one from *text on, which is then behind it.  False: there is none. */
static bool next_variable(const struct scope *scope, const char **text,
			  struct variable *variable)
{
	const char *name;
	int length;

	while ((length = text_next_variable(*text, &variable->start, &name)) > 0) {
		*text = variable->after = name + length + 1;
		variable->parameter = scope_parameter(scope, name, (size_t)length);
		if (variable->parameter && pattern_inspect(variable->parameter->pattern,
							   &variable->facts, NULL) == 0)
			return true;
	}
	return false;
}

struct place_of {
	const char *text, *what;
	unsigned int line;
	struct report *report;
};

/* next: the character between the variable and what may be anything. */
static void lint_separator(const struct place_of *of, const struct variable *variable,
			   char next)
{
	if (variable->facts.characters[(unsigned char)next])
		report_warning(of->report, of->line,
			       "a separator that the parameter's pattern leaves out",
			       "\"%s\": the pattern of %s allows '%c', so one value's "
			       "%s can lie inside another's",
			       TEXT_ESCAPED(of->text), variable->parameter->name, next,
			       of->what);
}

static void lint_behind(const struct place_of *of, const struct variable *variable)
{
	const char *after = variable->after;

	if (!strpbrk(after, "*?") && !strstr(after, "${"))
		return;
	if (strchr("*?$", *after))
		report_warning(of->report, of->line,
			       "a separator behind it: \"${NAME}#*\"",
			       "\"%s\" also opens the %s of every value that begins with "
			       "this one: acme* matches acme2",
			       TEXT_ESCAPED(of->text), of->what);
	else
		lint_separator(of, variable, *after);
}

static void lint_before(const struct place_of *of, const struct variable *variable)
{
	const char *start = variable->start;

	if (strcspn(of->text, "*?") >= (size_t)(start - of->text))
		return;
	if (strchr("*?", start[-1]))
		report_warning(of->report, of->line,
			       "a separator before it: \"*#${NAME}\"",
			       "\"%s\" also opens the %s of every value that ends with "
			       "this one: *acme matches 2acme",
			       TEXT_ESCAPED(of->text), of->what);
	else
		lint_separator(of, variable, start[-1]);
}

void lint_pattern(const struct scope *scope, const char *text, unsigned int line,
		  const char *what, struct report *report)
{
	const struct place_of of = { text, what, line, report };
	struct variable variable;

	while (next_variable(scope, &text, &variable)) {
		lint_behind(&of, &variable);
		lint_before(&of, &variable);
	}
}

void lint_table_name(const struct scope *scope, const char *table, unsigned int line,
		     struct report *report)
{
	struct variable variable;

	while (next_variable(scope, &table, &variable))
		if (variable.facts.characters['/'])
			report_error(
			    report, line, "a pattern without /",
			    "the pattern of %s allows '/': in a table's name it would "
			    "reach the indexes of other tables",
			    variable.parameter->name);
}
