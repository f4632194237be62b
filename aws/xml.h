/* SPDX-License-Identifier: MIT */
#ifndef AWS_XML_H
#define AWS_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Reads the small XML answers of AWS's Query services and of those who
 * imitate them.  Elements are known by the local names of their path, so a
 * namespace, a prefix or a missing wrapper makes no difference.  A document
 * type, and with it every entity of its own, is refused; depth and length are
 * bounded.  What expat allocates is wiped.
 */
#define XML_DEPTH_MAX 16
#define XML_PATH_MAX 512
#define XML_TEXT_MAX ((size_t)64 * 1024)

/*
 * Called as each element ends, with its path ("Response/Error/Code") and the
 * text that stands directly in it.  Both are borrowed for the call.  A
 * negative result stops the reading and becomes xml_read()'s.
 */
typedef int xml_element_fn(void *data, const char *path, const char *text);

/*
 * Reads a whole document.  Returns 0, what on_element returned, or
 * error_set(..., ERROR_UNREACHABLE) with words that follow "the answer": for
 * "is not well-formed XML"; the document is never quoted.
 */
int xml_read(const char *bytes, size_t length, xml_element_fn *on_element, void *data,
	     struct error *error);

/* Whether a path is, or ends in, the given names: "Error/Code". */
bool xml_path_ends(const char *path, const char *names);

/* A text to be picked out of a document. */
struct xml_field {
	const char *names; /* the end of its path; the table ends with NULL */
	char *out;         /* receives the text; starts as "" */
	size_t size;
};

/*
 * Fills fields.  One that is not there stays ""; a second one of a name, or a
 * text that does not fit, is an error as in xml_read().
 */
int xml_read_fields(const char *bytes, size_t length, const struct xml_field *fields,
		    struct error *error);

#endif
