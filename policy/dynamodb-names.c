/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "policy/dynamodb.h"

/* DynamoDB's limits of names of tables and indexes. */
#define LENGTH_LEAST 3
#define LENGTH_MOST 255

/* Letters of a name, with variables skipped and the wildcards given. */
static size_t count_letters(const char *text, const char *more, bool *is_bad)
{
	size_t letters = 0;

	*is_bad = false;
	while (*text) {
		const char *end = text[0] == '$' && text[1] == '{' ? strchr(text, '}')
								   : NULL;

		if (!end && !isalnum((unsigned char)*text) && !strchr(more, *text))
			*is_bad = true;
		letters += end ? LENGTH_LEAST : 1;
		text = end ? end + 1 : text + 1;
	}
	return letters;
}

/* Whether a text can begin with that word; it may end inside the word at a '*'. */
static bool can_begin_with(const char *pattern, const char *word)
{
	for (; *word; word++, pattern++) {
		if (*pattern == '*' || (pattern[0] == '$' && pattern[1] == '{'))
			return true;
		if (*pattern != '?' && *pattern != *word)
			return false;
	}
	return true;
}

/*
 * In an ARN a '?' is also the '/' behind a table's name: "orders?index*" is
 * every index of orders, a table that the pattern does not name.
 */
static bool can_leave_the_name(const char *pattern)
{
	static const char *const below[] = { "index/", "stream/", "backup/", "export/",
					     "import/" };

	for (const char *mark = strchr(pattern, '?'); mark; mark = strchr(mark + 1, '?'))
		for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++)
			if (can_begin_with(mark + 1, below[i]))
				return true;
	return false;
}

/* Whether it is none; with is_index wildcards stand anywhere, and no variable. */
static bool is_no_name(const char *text, bool is_index)
{
	bool is_bad;
	size_t letters = count_letters(text, "_.-*?", &is_bad);

	return is_bad || letters > LENGTH_MOST || (is_index && strchr(text, '$')) ||
	       (!strchr(text, '*') && letters < LENGTH_LEAST);
}

static void tell_no_name(const char *what, const struct value *value,
			 struct report *report)
{
	report_error(report, value->line, "3 to 255 letters, digits, '_', '-' and '.'",
		     "no %s can be called \"%s\"", what, TEXT_ESCAPED(value->text));
}

void dynamodb_check_table(const struct value *value, struct report *report)
{
	const char *star = strchr(value->text, '*');

	if (is_no_name(value->text, false))
		tell_no_name("table", value, report);
	else if (star && star[1])
		report_error(
		    report, value->line, "the * at the end, or the names one by one",
		    "a * before the end of \"%s\" also matches an index of any other "
		    "table whose name ends so, and opens that table's rows",
		    TEXT_ESCAPED(value->text));
	else if (can_leave_the_name(value->text))
		report_error(
		    report, value->line, "the names one by one, or a * at the end alone",
		    "a ? in \"%s\" also matches the / behind a table's name, and so "
		    "opens indexes of tables that are not meant",
		    TEXT_ESCAPED(value->text));
}

/* It is the last part of an ARN, so a wildcard in it reaches nothing else. */
void dynamodb_check_index(const struct value *value, struct report *report)
{
	if (is_no_name(value->text, true))
		tell_no_name("index", value, report);
}

const char *dynamodb_open_table(const struct dynamodb_access *access)
{
	for (size_t i = 0; i < access->tables.count; i++)
		if (strchr(access->tables.list[i], '*'))
			return access->tables.list[i];
	return NULL;
}
