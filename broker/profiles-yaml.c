/* SPDX-License-Identifier: MIT */
#include "broker/profiles-yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "broker/profiles-index.h"
#include "broker/profiles-reading.h"

#define SUGGESTION_SIZE 160
#define KEYS_MAX 32

void yaml_finding(struct reading *reading, bool is_error, unsigned int line,
		  const char *instead, const char *format, ...)
{
	scoped(freep) char *text = NULL;
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (r < 0) {
		text = NULL;
		reading->r = -ENOMEM;
		return;
	}
	if (findings_add(reading->findings, is_error, line, reading->profile, instead,
			 "%s", text) < 0)
		reading->r = -ENOMEM;
}

static unsigned int own_line(struct fy_node *node)
{
	struct fy_token *token = fy_node_get_scalar_token(node);
	const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;

	return mark ? (unsigned int)mark->line + 1 : 0;
}

/* The line of what stands before an empty node: its key, or its list's. */
static unsigned int line_before(struct fy_node *node)
{
	struct fy_node *parent = fy_node_get_parent(node);
	struct fy_node_pair *pair;
	void *state = NULL;

	if (parent && fy_node_is_mapping(parent))
		while ((pair = fy_node_mapping_iterate(parent, &state)))
			if (fy_node_pair_value(pair) == node &&
			    own_line(fy_node_pair_key(pair)))
				return own_line(fy_node_pair_key(pair));
	return parent ? yaml_line(parent) : 1;
}

/* A collection has no mark of its own: it begins with what is first in it. */
unsigned int yaml_line(struct fy_node *node)
{
	struct fy_node *first = node;
	unsigned int line;

	while (first && !fy_node_is_scalar(first)) {
		struct fy_node_pair *pair = fy_node_is_mapping(first)
						? fy_node_mapping_get_by_index(first, 0)
						: NULL;

		first = pair ? fy_node_pair_key(pair)
			: fy_node_is_sequence(first)
			    ? fy_node_sequence_get_by_index(first, 0)
			    : NULL;
	}
	line = first ? own_line(first) : 0;
	return line || !node ? line : line_before(node);
}

static const char *kind_of(struct fy_node *node)
{
	if (fy_node_is_mapping(node))
		return "a mapping";
	return fy_node_is_sequence(node) ? "a list" : "a word";
}

char *yaml_word(struct reading *reading, struct fy_node *node, const char *what)
{
	size_t length = 0;
	const char *text;
	char *copy;

	if (!fy_node_is_scalar(node)) {
		yaml_error(reading, node, NULL, "%s is one word here, not %s", what,
			   kind_of(node));
		return NULL;
	}
	text = fy_node_get_scalar(node, &length);
	if (!text || length == 0) {
		yaml_error(reading, node, NULL, "%s is missing", what);
		return NULL;
	}
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
			yaml_error(reading, node, NULL,
				   "%s holds a control character, which would move the "
				   "terminal of who reads it",
				   what);
			return NULL;
		}
	copy = reading_keep(reading, length + 1);
	if (copy)
		memcpy(copy, text, length);
	return copy;
}

char *yaml_name(struct reading *reading, struct fy_node *node, const char *what)
{
	char *name = yaml_word(reading, node, what);

	if (!name || text_is_name(name))
		return name;
	yaml_error(reading, node,
		   "a letter or a digit, then letters, digits and . _ @ -, at most 64",
		   "'%s' cannot be %s", TEXT_ESCAPED(name), what);
	return NULL;
}

bool yaml_is_list(struct reading *reading, struct fy_node *node, const char *what)
{
	if (fy_node_is_sequence(node))
		return true;
	yaml_error(reading, node, NULL, "%s is a list, not %s", what, kind_of(node));
	return false;
}

bool yaml_is_mapping(struct reading *reading, struct fy_node *node, const char *what)
{
	if (fy_node_is_mapping(node))
		return true;
	yaml_error(reading, node, NULL, "%s is a mapping of keys to values, not %s", what,
		   kind_of(node));
	return false;
}

size_t yaml_count(struct fy_node *node)
{
	return fy_node_is_sequence(node) ? (size_t)fy_node_sequence_item_count(node) : 1;
}

struct fy_node *yaml_at(struct fy_node *node, size_t i)
{
	return fy_node_is_sequence(node) ? fy_node_sequence_get_by_index(node, (int)i)
					 : node;
}

static void unknown_key(struct reading *reading, struct fy_node *key, const char *name,
			const char *what, const struct yaml_key *keys)
{
	char instead[SUGGESTION_SIZE] = "";
	const struct yaml_key *nearest = NULL;
	size_t used = 0;

	for (const struct yaml_key *known = keys; known->name; known++) {
		int distance = words_distance(name, known->name);

		if (distance >= 0 && !nearest)
			nearest = known;
		if (used < sizeof(instead))
			used += (size_t)snprintf(instead + used, sizeof(instead) - used,
						 "%s%s", used ? ", " : "one of ",
						 known->name);
	}
	if (nearest)
		snprintf(instead, sizeof(instead), "%s", nearest->name);
	yaml_error(reading, key, instead, "%s has no key '%s'%s%s%s", what,
		   TEXT_ESCAPED(name), nearest ? "; did you mean '" : "",
		   nearest ? nearest->name : "", nearest ? "'?" : "");
}

/* The place of a key in the table; its end where there is none. */
static size_t place_of(const struct yaml_key *keys, const char *name)
{
	size_t i = 0;

	while (keys[i].name && strcmp(keys[i].name, name) != 0)
		i++;
	return i;
}

/* The values in the order of the table, so that a reader may count on earlier ones. */
void yaml_read_mapping(struct reading *reading, struct fy_node *mapping, const char *what,
		       const struct yaml_key *keys, void *target)
{
	struct fy_node *values[KEYS_MAX] = { NULL };
	struct fy_node_pair *pair;
	void *state = NULL;

	if (!yaml_is_mapping(reading, mapping, what))
		return;
	while ((pair = fy_node_mapping_iterate(mapping, &state))) {
		const char *name = fy_node_get_scalar0(fy_node_pair_key(pair));
		size_t i = place_of(keys, name ? name : "");

		if (keys[i].name)
			values[i] = fy_node_pair_value(pair);
		else
			unknown_key(reading, fy_node_pair_key(pair), name ? name : "",
				    what, keys);
	}
	for (size_t i = 0; keys[i].name; i++) {
		if (values[i])
			keys[i].read(reading, values[i], (char *)target + keys[i].offset);
		else if (keys[i].is_required)
			yaml_error(reading, mapping, NULL, "%s lacks '%s'", what,
				   keys[i].name);
	}
}

void yaml_each_name(struct reading *reading, struct fy_node *mapping, const char *what,
		    void (*read)(struct reading *reading, char *name, struct fy_node *key,
				 struct fy_node *value, void *target),
		    void *target)
{
	struct fy_node_pair *pair;
	void *state = NULL;
	char *name;

	if (!yaml_is_mapping(reading, mapping, what))
		return;
	while ((pair = fy_node_mapping_iterate(mapping, &state))) {
		name = yaml_name(reading, fy_node_pair_key(pair), what);
		if (name)
			read(reading, name, fy_node_pair_key(pair),
			     fy_node_pair_value(pair), target);
	}
}

void yaml_read_word(struct reading *reading, struct fy_node *value, void *target)
{
	*(char **)target = yaml_word(reading, value, "the value");
}

void yaml_read_duration(struct reading *reading, struct fy_node *value, void *target)
{
	char *text = yaml_word(reading, value, "a duration");

	if (text && duration_parse(text, target) < 0)
		yaml_error(reading, value, "30m, 2h or 1h30m", "'%s' is no duration",
			   TEXT_ESCAPED(text));
}

void yaml_read_node(struct reading *reading, struct fy_node *value, void *target)
{
	(void)reading;
	*(struct fy_node **)target = value;
}
