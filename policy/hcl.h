/* SPDX-License-Identifier: MIT */
#ifndef POLICY_HCL_H
#define POLICY_HCL_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/*
 * Writes HCL, the language of Terraform, in the form that `terraform fmt`
 * gives it.  A text never leaves its quotes and never becomes an expression,
 * whatever is in it: only what is called an expression here is one.
 * https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
 */
struct hcl {
	struct buffer out;
	struct buffer run; /* lines whose '=' will stand below each other */
	size_t widest;     /* name in run, in bytes */
	unsigned int depth;
	int r; /* the first failure, -ENOMEM or -EMSGSIZE; nothing is written after it */
};

#define HCL_FILE_MAX (4U << 20)

#define HCL_EMPTY                                       \
	{                                               \
		.out = BUFFER_WITH_LIMIT(HCL_FILE_MAX), \
		.run = BUFFER_WITH_LIMIT(HCL_FILE_MAX), \
	}

/* One line of comment; what would end or disguise it is shown as \u{N}. */
void hcl_comment(struct hcl *hcl, const char *text);
void hcl_blank(struct hcl *hcl);

/* TYPE "LABEL" "NAME" {, labels NULL where there are fewer; then hcl_end(). */
void hcl_block(struct hcl *hcl, const char *type, const char *label, const char *name);
void hcl_end(struct hcl *hcl);

/*
 * NAME = VALUE, the name as it stands; in a list (name NULL) the value alone
 * with a comma.
 */
void hcl_string(struct hcl *hcl, const char *name, const char *text);
void hcl_integer(struct hcl *hcl, const char *name, int64_t number);
void hcl_expression(struct hcl *hcl, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* NAME = OPENING, as "{", "[" or "jsonencode({", over several lines. */
void hcl_open(struct hcl *hcl, const char *name, const char *opening);
void hcl_close(struct hcl *hcl, const char *closing);

/*
 * Texts in JSON that stand for an expression: a string that is one of them
 * becomes the expression, one that holds it a template.  Ends with a NULL text.
 */
struct hcl_reference {
	const char *text;
	const char *expression;
};

/* NAME = jsonencode(JSON), readable; references may be NULL. */
void hcl_json(struct hcl *hcl, const char *name, const json_t *json,
	      const struct hcl_reference *references);

/* The elements of a JSON list, each alone, inside a list that is open. */
void hcl_json_items(struct hcl *hcl, const json_t *list,
		    const struct hcl_reference *references);

/* Adds text in quotes.  0, -ENOMEM, -EMSGSIZE, -EILSEQ if it is not UTF-8. */
int hcl_quote(struct buffer *out, const char *text,
	      const struct hcl_reference *references);

/* The same in ASCII: a key whose width is its number of bytes. */
int hcl_quote_key(struct buffer *out, const char *text,
		  const struct hcl_reference *references);

/*
 * A name as an identifier, for resources, modules and files; different names
 * stay different.  What is one already stays as it is.
 */
#define HCL_IDENTIFIER_SIZE 400
const char *hcl_identifier(const char *name, char out[static HCL_IDENTIFIER_SIZE]);

/* Writes what is left of a run.  Returns hcl->r; the text is hcl->out. */
int hcl_finish(struct hcl *hcl);
void hcl_done(struct hcl *hcl);

#endif
