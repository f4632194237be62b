/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "broker/profiles-yaml.h"

/*
 * Bytes to a tree.  libfyaml compares every key with every other to refuse
 * duplicates; we sort them instead, so that work stays bounded by the size.
 */
static void destroy_parser(struct fy_parser **parser)
{
	fy_parser_destroy(*parser);
}

static void destroy_diag(struct fy_diag **diag)
{
	fy_diag_destroy(*diag);
}

static void destroy_document(struct fy_document **document)
{
	fy_document_destroy(*document);
}

/*
 * libfyaml 0.7 never comes back from a byte in a directive that is no UTF-8, so
 * what is none does not get that far.  Counts the lines.
 */
static bool is_text(struct reading *reading, const char *bytes, size_t length,
		    unsigned int *lines)
{
	const char *end = bytes + length, *begin = bytes;
	uint32_t number = 0;
	size_t count = 1;

	*lines = 1;
	for (const char *next = bytes; next < end; next += count) {
		count = text_character(next, &number);
		if (count == 0 || number == 0) {
			yaml_finding(reading, true, *lines, "UTF-8",
				     "a byte that belongs to no text, at column %zu",
				     (size_t)(next - begin) + 1);
			return false;
		}
		if (number == '\n' && next + 1 < end) {
			(*lines)++;
			begin = next + 1;
		}
	}
	return true;
}

/* An error at the end of the file is told one line too far. */
static unsigned int line_of(const struct fy_diag_error *why, unsigned int lines)
{
	unsigned int line = why->line > 0 ? (unsigned int)why->line : 1;

	return line < lines ? line : lines;
}

static void tell(struct reading *reading, struct fy_diag *diag, unsigned int lines)
{
	struct fy_diag_error *why;
	void *state = NULL;
	bool was_told = false;

	while ((why = fy_diag_errors_iterate(diag, &state))) {
		yaml_finding(reading, true, line_of(why, lines), NULL, "%s, at column %d",
			     TEXT_ESCAPED(why->msg), why->column > 0 ? why->column : 1);
		was_told = true;
	}
	if (!was_told)
		yaml_finding(reading, true, 1, NULL, "not well-formed YAML");
}

struct key {
	const char *text;
	struct fy_node *node;
};

static int by_text(const void *left, const void *right)
{
	const struct key *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	if (order)
		return order;
	return yaml_line(a->node) < yaml_line(b->node) ? -1 : 1;
}

/* Collects the keys; false where one is no word. */
static bool collect(struct reading *reading, struct fy_node *mapping, struct key *keys)
{
	struct fy_node_pair *pair;
	void *state = NULL;
	size_t count = 0;

	while ((pair = fy_node_mapping_iterate(mapping, &state))) {
		struct fy_node *node = fy_node_pair_key(pair);
		size_t length = 0;
		const char *text = node && fy_node_is_scalar(node) &&
					   !fy_node_is_alias(node)
				       ? fy_node_get_scalar(node, &length)
				       : NULL;

		if (text)
			text = fy_node_get_scalar0(node);
		if (!text || strlen(text) != length) {
			yaml_error(reading, node ? node : mapping, NULL,
				   "a key must be one word");
			return false;
		}
		keys[count++] = (struct key){ text, node };
	}
	return true;
}

static bool keys_are_plain(struct reading *reading, struct fy_node *mapping)
{
	size_t count = (size_t)fy_node_mapping_item_count(mapping);
	scoped(freep) struct key *keys = calloc(count + 1, sizeof(*keys));
	bool are_plain = true;

	if (!keys) {
		reading->r = -ENOMEM;
		return false;
	}
	if (!collect(reading, mapping, keys))
		return false;
	qsort(keys, count, sizeof(*keys), by_text);
	for (size_t i = 1; i < count; i++)
		if (strcmp(keys[i].text, keys[i - 1].text) == 0) {
			yaml_error(reading, keys[i].node, NULL,
				   "'%s' is there twice, first in line %u; one of them "
				   "would be ignored",
				   TEXT_ESCAPED(keys[i].text),
				   yaml_line(keys[i - 1].node));
			are_plain = false;
		}
	return are_plain;
}

static bool is_plain(struct reading *reading, struct fy_node *node);

static bool mapping_is_plain(struct reading *reading, struct fy_node *mapping)
{
	struct fy_node_pair *pair;
	void *state = NULL;
	bool all = keys_are_plain(reading, mapping);

	while (all && (pair = fy_node_mapping_iterate(mapping, &state))) {
		if (!fy_node_pair_value(pair)) {
			yaml_error(reading, fy_node_pair_key(pair), NULL,
				   "the key has no value");
			return false;
		}
		all = is_plain(reading, fy_node_pair_value(pair));
	}
	return all;
}

/* NOLINTNEXTLINE(misc-no-recursion): libfyaml bounds the depth */
static bool is_plain(struct reading *reading, struct fy_node *node)
{
	struct fy_node *item;
	void *state = NULL;
	size_t length;

	if (fy_node_is_alias(node) || fy_node_get_tag(node, &length)) {
		yaml_error(reading, node, "what it stands for",
			   "aliases and tags are not known here: access is read by "
			   "people, who would have to look elsewhere");
		return false;
	}
	if (fy_node_is_mapping(node))
		return mapping_is_plain(reading, node);
	if (fy_node_is_sequence(node))
		while ((item = fy_node_sequence_iterate(node, &state)))
			if (!is_plain(reading, item))
				return false;
	return true;
}

static int check(struct reading *reading, struct fy_parser *parser,
		 struct fy_document *document)
{
	scoped(destroy_document) struct fy_document *second = NULL;
	struct fy_node *root = fy_document_root(document);

	second = fy_parse_load_document(parser);
	if (second) {
		yaml_finding(reading, true, yaml_line(fy_document_root(second)), NULL,
			     "a second document begins; there is one in a file");
		return -EINVAL;
	}
	if (!root || !is_plain(reading, root))
		return -EINVAL;
	return 0;
}

int yaml_parse(const char *bytes, size_t length, struct fy_document **document,
	       struct reading *reading)
{
	static const struct fy_diag_cfg quiet = { .level = FYET_ERROR,
						  .module_mask = ~0U };
	struct fy_parse_cfg config = { .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG |
						FYPCF_ALLOW_DUPLICATE_KEYS |
						FYPCF_DISABLE_ACCELERATORS };
	scoped(destroy_diag) struct fy_diag *diag = fy_diag_create(&quiet);
	scoped(destroy_parser) struct fy_parser *parser = NULL;
	scoped(destroy_document) struct fy_document *new = NULL;
	unsigned int lines;

	if (!is_text(reading, bytes, length, &lines))
		return reading->r < 0 ? reading->r : -EINVAL;
	if (!diag)
		return -ENOMEM;
	fy_diag_set_collect_errors(diag, true);
	config.diag = diag;
	parser = fy_parser_create(&config);
	if (!parser || fy_parser_set_string(parser, bytes, length) < 0)
		return -ENOMEM;
	new = fy_parse_load_document(parser);
	if (!new && !fy_diag_got_error(diag)) {
		yaml_finding(reading, true, 1, NULL, "the file is empty");
		return -EINVAL;
	}
	if (!new || check(reading, parser, new) < 0 || fy_diag_got_error(diag)) {
		if (!findings_have_error(reading->findings))
			tell(reading, diag, lines);
		return reading->r < 0 ? reading->r : -EINVAL;
	}
	*document = take(new);
	return 0;
}
