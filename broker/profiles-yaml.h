/* SPDX-License-Identifier: MIT */
#ifndef BROKER_PROFILES_YAML_H
#define BROKER_PROFILES_YAML_H

#include <libfyaml.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/findings.h"

/*
 * A YAML tree read by tables of keys.  Readers go on after a mistake, so that
 * one run finds them all; what they leave behind is whole but not to be used
 * once findings have an error.
 */
#define YAML_FILE_MAX ((size_t)1024 * 1024)

/* What the readers share. */
struct reading {
	struct profiles *profiles;
	struct findings *findings;
	const char *profile; /* the one that is being read, or NULL */
	int r;               /* 0, or -ENOMEM for good */
};

/*
 * Parses bytes into a document and checks its shape: one document, plain
 * mappings, lists and words, no alias, no tag, no key twice.  Returns 0 with
 * *document the caller's, -EINVAL with findings, or -ENOMEM.
 */
int yaml_parse(const char *bytes, size_t length, struct fy_document **document,
	       struct reading *reading);

/* The line that a node begins in, from 1; 0 when there is none. */
unsigned int yaml_line(struct fy_node *node);

/* Adds a finding at the node.  instead may be NULL. */
#define yaml_error(reading, node, instead, ...) \
	yaml_finding((reading), true, yaml_line(node), (instead), __VA_ARGS__)
#define yaml_warning(reading, node, instead, ...) \
	yaml_finding((reading), false, yaml_line(node), (instead), __VA_ARGS__)
void yaml_finding(struct reading *reading, bool is_error, unsigned int line,
		  const char *instead, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Memory that lives as long as the profiles; NULL once memory was short. */
void *reading_keep(struct reading *reading, size_t size);

/*
 * A word's text, kept.  Anything else, nothing at all, a NUL or a control
 * character is a finding and NULL; what names it there, "a region".
 */
char *yaml_word(struct reading *reading, struct fy_node *node, const char *what);

/* The same for a name, as text_is_name() has it. */
char *yaml_name(struct reading *reading, struct fy_node *node, const char *what);

/* Whether the node is a list or a mapping; if not, a finding says so. */
bool yaml_is_list(struct reading *reading, struct fy_node *node, const char *what);
bool yaml_is_mapping(struct reading *reading, struct fy_node *node, const char *what);

/* One word or a list of them: how many, and the i-th. */
size_t yaml_count(struct fy_node *node);
struct fy_node *yaml_at(struct fy_node *node, size_t i);

/* One key that a mapping may have; read() gets the struct at target + offset. */
struct yaml_key {
	const char *name;
	bool is_required;
	void (*read)(struct reading *reading, struct fy_node *value, void *target);
	size_t offset;
};

/*
 * Reads a mapping by a table that ends with a NULL name, in the table's
 * order.  Unknown and missing keys are findings.
 */
void yaml_read_mapping(struct reading *reading, struct fy_node *mapping, const char *what,
		       const struct yaml_key *keys, void *target);

/* Calls read for each "name: value" of a mapping; names are checked and kept. */
void yaml_each_name(struct reading *reading, struct fy_node *mapping, const char *what,
		    void (*read)(struct reading *reading, char *name, struct fy_node *key,
				 struct fy_node *value, void *target),
		    void *target);

/* Readers of one value into a char * or an int64_t of seconds. */
void yaml_read_word(struct reading *reading, struct fy_node *value, void *target);
void yaml_read_duration(struct reading *reading, struct fy_node *value, void *target);

/* The value's node itself, for a second look. */
void yaml_read_node(struct reading *reading, struct fy_node *value, void *target);

#endif
