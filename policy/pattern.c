/* SPDX-License-Identifier: MIT */
#include "policy/pattern.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define DEPTH_MAX 32
#define REPEAT_MAX 255 /* POSIX's RE_DUP_MAX */

/*
 * A recursive descent over the regular expression that adds up lengths.
 * Characters are collected over all of it: more than can occur at one place,
 * never fewer.
 */
struct parser {
	const char *next;
	struct pattern_facts *facts;
	unsigned int depth;
};

struct lengths {
	size_t shortest, longest;
};

static int read_branches(struct parser *parser, struct lengths *out);

static size_t bounded(size_t length)
{
	return length > PATTERN_UNBOUNDED ? PATTERN_UNBOUNDED : length;
}

static int read_class(struct parser *parser, bool set[static 256])
{
	static const struct {
		const char *name;
		int (*is)(int);
	} classes[] = {
		{ "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank },
		{ "cntrl", iscntrl }, { "digit", isdigit }, { "graph", isgraph },
		{ "lower", islower }, { "print", isprint }, { "punct", ispunct },
		{ "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
	};
	const char *name = parser->next + 2;
	const char *end = strstr(name, ":]");

	for (size_t i = 0; end && i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (strlen(classes[i].name) != (size_t)(end - name) ||
		    memcmp(classes[i].name, name, (size_t)(end - name)) != 0)
			continue;
		for (int c = 0; c < 256; c++)
			set[c] = set[c] || classes[i].is(c);
		parser->next = end + 2;
		return 0;
	}
	return -EINVAL;
}

static int read_range(struct parser *parser, bool set[static 256])
{
	unsigned char from = (unsigned char)*parser->next++;
	unsigned char to = from;

	if (parser->next[0] == '-' && parser->next[1] && parser->next[1] != ']') {
		to = (unsigned char)parser->next[1];
		parser->next += 2;
	}
	if (to < from || (from == '[' && strchr(".=", *parser->next)))
		return -EINVAL;
	for (unsigned int c = from; c <= to; c++)
		set[c] = true;
	return 0;
}

/* Behind the '['. */
static int read_bracket(struct parser *parser)
{
	bool set[256] = { false };
	bool is_negated = *parser->next == '^';
	int r = 0;

	parser->next += is_negated;
	for (bool is_first = true; r == 0; is_first = false) {
		if (*parser->next == '\0')
			return -EINVAL;
		if (*parser->next == ']' && !is_first)
			break;
		r = parser->next[0] == '[' && parser->next[1] == ':'
			? read_class(parser, set)
			: read_range(parser, set);
	}
	parser->next++;
	for (int c = 1; c < 256; c++)
		if (set[c] != is_negated)
			parser->facts->characters[c] = true;
	return r;
}

static int read_escape(struct parser *parser)
{
	unsigned char c = (unsigned char)*parser->next++;

	/* \w, \b and the like are extensions that mean a set. */
	if (c == '\0' || isalnum(c))
		return -EINVAL;
	parser->facts->characters[c] = true;
	return 0;
}

static int read_group(struct parser *parser, struct lengths *out)
{
	int r;

	if (++parser->depth > DEPTH_MAX)
		return -EINVAL;
	r = read_branches(parser, out);
	parser->depth--;
	if (r < 0 || *parser->next != ')')
		return -EINVAL;
	parser->next++;
	return 0;
}

static int read_atom(struct parser *parser, struct lengths *out)
{
	char c = *parser->next++;

	*out = (struct lengths){ 1, 1 };
	switch (c) {
	case '(':
		return read_group(parser, out);
	case '[':
		return read_bracket(parser);
	case '\\':
		return read_escape(parser);
	case '.':
		memset(parser->facts->characters + 1, true, 255);
		return 0;
	case '^':
	case '$':
		*out = (struct lengths){ 0, 0 };
		return 0;
	case '*':
	case '+':
	case '?':
	case '{':
		return -EINVAL;
	default:
		parser->facts->characters[(unsigned char)c] = true;
		return 0;
	}
}

static int read_number(struct parser *parser, size_t *number)
{
	size_t value = 0;

	if (!isdigit((unsigned char)*parser->next))
		return -EINVAL;
	while (isdigit((unsigned char)*parser->next) && value <= REPEAT_MAX)
		value = value * 10 + (size_t)(*parser->next++ - '0');
	*number = value;
	return value <= REPEAT_MAX ? 0 : -EINVAL;
}

/* Behind the '{': "2}", "2,}", "2,5}". */
static int read_bounds(struct parser *parser, size_t *least, size_t *most)
{
	if (read_number(parser, least) < 0)
		return -EINVAL;
	*most = *least;
	if (*parser->next == ',') {
		parser->next++;
		*most = PATTERN_UNBOUNDED;
		if (*parser->next != '}' && read_number(parser, most) < 0)
			return -EINVAL;
	}
	return *parser->next++ == '}' && *least <= *most ? 0 : -EINVAL;
}

static int read_repeats(struct parser *parser, struct lengths *piece)
{
	while (*parser->next && strchr("*+?{", *parser->next)) {
		char c = *parser->next++;
		size_t least = c == '+', most = c == '?' ? 1 : PATTERN_UNBOUNDED;

		if (c == '{' && read_bounds(parser, &least, &most) < 0)
			return -EINVAL;
		piece->shortest = bounded(piece->shortest * least);
		piece->longest = bounded(piece->longest * most);
	}
	return 0;
}

static int read_branch(struct parser *parser, struct lengths *out)
{
	*out = (struct lengths){ 0, 0 };
	while (*parser->next && *parser->next != '|' &&
	       !(*parser->next == ')' && parser->depth > 0)) {
		struct lengths piece;

		if (read_atom(parser, &piece) < 0 || read_repeats(parser, &piece) < 0)
			return -EINVAL;
		out->shortest = bounded(out->shortest + piece.shortest);
		out->longest = bounded(out->longest + piece.longest);
	}
	return 0;
}

static int read_branches(struct parser *parser, struct lengths *out)
{
	struct lengths branch;

	if (read_branch(parser, out) < 0)
		return -EINVAL;
	while (*parser->next == '|') {
		parser->next++;
		if (read_branch(parser, &branch) < 0)
			return -EINVAL;
		if (branch.shortest < out->shortest)
			out->shortest = branch.shortest;
		if (branch.longest > out->longest)
			out->longest = branch.longest;
	}
	return 0;
}

int pattern_examine(const char *pattern, struct pattern_facts *facts)
{
	struct parser parser = { .next = pattern, .facts = facts };
	struct lengths lengths;

	*facts = (struct pattern_facts){ 0 };
	if (read_branches(&parser, &lengths) < 0 || *parser.next)
		return -EINVAL;
	facts->shortest = lengths.shortest;
	facts->longest = lengths.longest;
	return 0;
}
