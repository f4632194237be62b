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

/* A side of a variable, and how it is told of. */
struct side {
	const char *openers; /* each begins what may be anything */
	const char *instead;
	const char *says;
};

static const struct side behind = {
	.openers = "*?$",
	.instead = "a separator behind it: \"${NAME}#*\"",
	.says = "begins with this one: acme* matches acme2",
};
static const struct side before = {
	.openers = "*?",
	.instead = "a separator before it: \"*#${NAME}\"",
	.says = "ends with this one: *acme matches 2acme",
};

/* next: the character beside the variable, on a side where what may be anything is. */
static void lint_side(const struct place_of *of, const struct variable *variable,
		      const struct side *side, char next)
{
	if (strchr(side->openers, next))
		report_warning(of->report, of->line, side->instead,
			       "\"%s\" also opens the %s of every value that %s",
			       TEXT_ESCAPED(of->text), of->what, side->says);
	else if (variable->facts.characters[(unsigned char)next])
		report_warning(of->report, of->line,
			       "a separator that the parameter's pattern leaves out",
			       "\"%s\": the pattern of %s allows '%c', so one value's "
			       "%s can lie inside another's",
			       TEXT_ESCAPED(of->text), variable->parameter->name, next,
			       of->what);
}

void lint_pattern(const struct scope *scope, const char *text, unsigned int line,
		  const char *what, struct report *report)
{
	const struct place_of of = { text, what, line, report };
	const char *first = text + strcspn(text, "*?");
	struct variable variable;

	while (next_variable(scope, &text, &variable)) {
		if (strpbrk(variable.after, "*?") || strstr(variable.after, "${"))
			lint_side(&of, &variable, &behind, *variable.after);
		if (first < variable.start)
			lint_side(&of, &variable, &before, variable.start[-1]);
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
