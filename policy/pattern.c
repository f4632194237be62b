/* SPDX-License-Identifier: MIT */
#include "policy/pattern.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PATTERN_MAX 512
#define DEPTH_MAX 16
#define SIZE_MAX_STATES 4000U /* of the matcher that libc builds, by estimate */

/* How long one part may match, and how much libc makes of it. */
struct part {
	unsigned int shortest, longest;
	unsigned int states;
};

struct pattern {
	const char *next;
	struct pattern_facts *facts;
	struct error *error;
	unsigned int depth;
};

static int refuse(const struct pattern *pattern, const char *why)
{
	return error_set(pattern->error, ERROR_USAGE, "%s", why);
}

static unsigned int add(unsigned int a, unsigned int b)
{
	return a > 100000U || b > 100000U ? 100001U : a + b;
}

static unsigned int multiply(unsigned int a, unsigned int b)
{
	return a && b > 100000U / a ? 100001U : a * b;
}

static const struct {
	const char *name;
	int (*contains)(int character);
} classes[] = {
	{ "[:alnum:]", isalnum }, { "[:alpha:]", isalpha }, { "[:digit:]", isdigit },
	{ "[:lower:]", islower }, { "[:upper:]", isupper }, { "[:xdigit:]", isxdigit },
	{ "[:punct:]", ispunct }, { "[:blank:]", isblank }, { "[:graph:]", isgraph },
	{ "[:print:]", isprint }, { "[:space:]", isspace }, { "[:cntrl:]", iscntrl },
};

static int read_class(struct pattern *pattern, bool set[static 128])
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		size_t length = strlen(classes[i].name);

		if (strncmp(pattern->next, classes[i].name, length) != 0)
			continue;
		pattern->next += length;
		for (int character = 0; character < 128; character++)
			if (classes[i].contains(character))
				set[character] = true;
		return 0;
	}
	return refuse(pattern, "only classes like [:alnum:] are known in brackets");
}

static int read_range(struct pattern *pattern, bool set[static 128])
{
	int first = (unsigned char)*pattern->next++, last = first;

	if (pattern->next[0] == '-' && pattern->next[1] && pattern->next[1] != ']') {
		last = (unsigned char)pattern->next[1];
		pattern->next += 2;
	}
	if (first > 127 || last > 127)
		return refuse(pattern, "only ASCII characters are allowed in it");
	if (last < first || last == '[')
		return refuse(pattern, "a range in brackets runs backwards");
	for (int character = first; character <= last; character++)
		set[character] = true;
	return 0;
}

/* Takes what a bracket may match, unless that can't be seen. */
static int take_set(struct pattern *pattern, const bool set[static 128])
{
	for (int character = 0; character < 128; character++) {
		if (set[character] && iscntrl(character))
			return refuse(pattern, "it matches control characters; write the "
					       "characters that are allowed");
		if (set[character])
			pattern->facts->characters[character] = true;
	}
	return 0;
}

/* POSIX.1-2017, 9.3.5: a ']' right at the beginning is an ordinary character. */
static int read_bracket(struct pattern *pattern)
{
	bool set[128] = { false };
	bool is_first = true;
	int r = 0;

	if (*pattern->next == '^')
		return refuse(pattern, "[^...] also matches control characters; write "
				       "the characters that are allowed");
	for (; r == 0 && (is_first || *pattern->next != ']'); is_first = false) {
		if (!*pattern->next)
			return refuse(pattern, "a bracket is never closed");
		if (*pattern->next == '[' && strchr(":.=", pattern->next[1]) &&
		    pattern->next[1])
			r = read_class(pattern, set);
		else
			r = read_range(pattern, set);
	}
	pattern->next++;
	return r < 0 ? r : take_set(pattern, set);
}

static int read_alternatives(struct pattern *pattern, struct part *part);

static int read_group(struct pattern *pattern, struct part *part)
{
	int r;

	if (++pattern->depth > DEPTH_MAX)
		return refuse(pattern, "its parentheses are nested too deep");
	r = read_alternatives(pattern, part);
	pattern->depth--;
	if (r < 0)
		return r;
	if (*pattern->next != ')')
		return refuse(pattern, "a parenthesis is never closed");
	pattern->next++;
	return 0;
}

static int read_escape(struct pattern *pattern)
{
	unsigned char character = (unsigned char)*pattern->next;

	if (!ispunct(character))
		return refuse(pattern, "a backslash goes before a sign, to mean the sign "
				       "itself");
	pattern->facts->characters[character] = true;
	pattern->next++;
	return 0;
}

static int read_atom(struct pattern *pattern, struct part *part)
{
	unsigned char character = (unsigned char)*pattern->next++;

	*part = (struct part){ .shortest = 1, .longest = 1, .states = 1 };
	switch (character) {
	case '(':
		return read_group(pattern, part);
	case '[':
		return read_bracket(pattern);
	case '\\':
		return read_escape(pattern);
	case '.':
		return refuse(pattern, "a '.' also matches control characters; write the "
				       "characters that are allowed, as [a-z0-9-]");
	case '*':
	case '+':
	case '?':
	case '{':
		return refuse(pattern, "a repetition has nothing before it");
	case '^':
	case '$':
		return refuse(pattern, "'^' and '$' go without saying: the whole value "
				       "has to match");
	default:
		break;
	}
	if (character < 0x20 || character >= 0x7f)
		return refuse(pattern, "patterns are of plain ASCII characters");
	pattern->facts->characters[character] = true;
	return 0;
}

static int read_bound(struct pattern *pattern, unsigned int *number)
{
	size_t digits = strspn(pattern->next, "0123456789");

	if (digits == 0 || digits > 3)
		return refuse(pattern, "a repetition is written {3,32}");
	*number = 0;
	for (; digits; digits--)
		*number = *number * 10 + (unsigned int)(*pattern->next++ - '0');
	if (*number > 255)
		return refuse(pattern, "a repetition counts to 255 at most");
	return 0;
}

static int read_bounds(struct pattern *pattern, unsigned int *least, unsigned int *most)
{
	if (read_bound(pattern, least) < 0)
		return -EINVAL;
	*most = *least;
	if (*pattern->next == ',') {
		pattern->next++;
		if (*pattern->next == '}')
			return refuse(pattern, "a value could be longer than 256 "
					       "characters; write {3,32}");
		if (read_bound(pattern, most) < 0)
			return -EINVAL;
	}
	if (*pattern->next != '}' || *most < *least)
		return refuse(pattern, "a repetition is written {3,32}");
	pattern->next++;
	return 0;
}

static int read_repetition(struct pattern *pattern, struct part *part)
{
	unsigned int least = 0, most = 1;

	if (!*pattern->next || !strchr("*+?{", *pattern->next))
		return 0;
	switch (*pattern->next++) {
	case '?':
		break;
	case '{':
		if (read_bounds(pattern, &least, &most) < 0)
			return -EINVAL;
		break;
	default:
		return refuse(pattern, "a value could be longer than 256 characters; "
				       "write {1,32} instead of * or +");
	}
	part->shortest = multiply(part->shortest, least);
	part->longest = multiply(part->longest, most);
	part->states = multiply(part->states + 1, most ? most : 1);
	if (*pattern->next && strchr("*+?{", *pattern->next))
		return refuse(pattern, "two repetitions in a row");
	return 0;
}

static int read_sequence(struct pattern *pattern, struct part *part)
{
	*part = (struct part){ 0 };
	while (*pattern->next && *pattern->next != '|' && *pattern->next != ')') {
		struct part item;
		int r = read_atom(pattern, &item);

		if (r == 0)
			r = read_repetition(pattern, &item);
		if (r < 0)
			return r;
		part->shortest = add(part->shortest, item.shortest);
		part->longest = add(part->longest, item.longest);
		part->states = add(part->states, item.states);
	}
	if (part->states == 0)
		return refuse(pattern, "an alternative is empty");
	return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX bounds it */
static int read_alternatives(struct pattern *pattern, struct part *part)
{
	*part = (struct part){ .shortest = PATTERN_MATCH_MAX };
	for (;;) {
		struct part sequence;
		int r = read_sequence(pattern, &sequence);

		if (r < 0)
			return r;
		if (sequence.shortest < part->shortest)
			part->shortest = sequence.shortest;
		if (sequence.longest > part->longest)
			part->longest = sequence.longest;
		part->states = add(part->states, sequence.states + 1);
		if (*pattern->next != '|')
			return 0;
		pattern->next++;
	}
}

int pattern_inspect(const char *text, struct pattern_facts *facts, struct error *error)
{
	struct pattern pattern = { .next = text, .facts = facts, .error = error };
	struct part part;
	int r;

	*facts = (struct pattern_facts){ 0 };
	if (strlen(text) > PATTERN_MAX)
		return refuse(&pattern, "the pattern is longer than 512 characters");
	r = read_alternatives(&pattern, &part);
	if (r < 0)
		return r;
	if (*pattern.next)
		return refuse(&pattern, "a parenthesis closes that was never opened");
	if (part.longest > PATTERN_MATCH_MAX)
		return refuse(&pattern, "a value could be longer than 256 characters, "
					"which AWS does not take as a session tag");
	if (part.states > SIZE_MAX_STATES)
		return refuse(&pattern, "the pattern is too complex; write fewer "
					"repetitions inside each other");
	facts->shortest = part.shortest;
	facts->longest = part.longest;
	return 0;
}
