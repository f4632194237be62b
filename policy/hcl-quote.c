/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "policy/hcl.h"

/* In a template "${" and "%{" begin an expression unless their sign is doubled. */
static int quote_ascii(struct buffer *out, const char *text)
{
	if (*text == '"' || *text == '\\')
		return buffer_print(out, "\\%c", *text);
	if ((*text == '$' || *text == '%') && text[1] == '{')
		return buffer_print(out, "%c%c", *text, *text);
	if (*text == '\n')
		return buffer_add(out, "\\n", 2);
	if (*text == '\t')
		return buffer_add(out, "\\t", 2);
	return buffer_add(out, text, 1);
}

static int quote_character(struct buffer *out, const char **text, bool is_ascii)
{
	uint32_t number = 0;
	size_t length = text_character(*text, &number);
	const char *start = *text;

	if (length == 0)
		return -EILSEQ;
	*text += length;
	if ((text_misleads(number) && number != '\n' && number != '\t') ||
	    (length > 1 && is_ascii))
		return buffer_print(out, number > 0xffff ? "\\U%08x" : "\\u%04x",
				    (unsigned int)number);
	return length > 1 ? buffer_add(out, start, length) : quote_ascii(out, start);
}

static const struct hcl_reference *reference_at(const struct hcl_reference *references,
						const char *text)
{
	for (; references && references->text; references++)
		if (strncmp(text, references->text, strlen(references->text)) == 0)
			return references;
	return NULL;
}

static int quote(struct buffer *out, const char *text,
		 const struct hcl_reference *references, bool is_ascii)
{
	int r = buffer_add(out, "\"", 1);

	while (r == 0 && *text) {
		const struct hcl_reference *found = reference_at(references, text);

		if (*text == '$' && reference_at(references, text + 1)) {
			r = buffer_print(out, "${\"$\"}"); /* else it would double */
			text++;
		} else if (found) {
			r = buffer_print(out, "${%s}", found->expression);
			text += strlen(found->text);
		} else {
			r = quote_character(out, &text, is_ascii);
		}
	}
	return r < 0 ? r : buffer_add(out, "\"", 1);
}

int hcl_quote(struct buffer *out, const char *text,
	      const struct hcl_reference *references)
{
	return quote(out, text, references, false);
}

int hcl_quote_key(struct buffer *out, const char *text,
		  const struct hcl_reference *references)
{
	return quote(out, text, references, true);
}

/* "_xHH" is how a character that may not stay is written. */
static bool reads_as_escape(const char *text)
{
	return text[0] == '_' && text[1] == 'x' && isxdigit((unsigned char)text[2]) &&
	       isxdigit((unsigned char)text[3]);
}

/* Terraform takes a file whose name ends so for changes to other files. */
static bool would_end_in_override(const char *out, size_t used, const char *next)
{
	static const char start[] = "_overrid";
	size_t length = sizeof(start) - 1;

	return strcmp(next, "e") == 0 && used >= length &&
	       memcmp(out + used - length, start, length) == 0;
}

static bool may_stay(const char *name, const char *next)
{
	unsigned char c = (unsigned char)*next;

	if (c >= 0x80 || reads_as_escape(next))
		return false;
	return isalpha(c) || (next > name && (isdigit(c) || c == '_' || c == '-'));
}

const char *hcl_identifier(const char *name, char out[static HCL_IDENTIFIER_SIZE])
{
	size_t used = 0;

	out[0] = '\0';
	for (const char *next = name; *next && used + 6 < HCL_IDENTIFIER_SIZE; next++) {
		bool stays = may_stay(name, next) &&
			     !would_end_in_override(out, used, next);

		used += (size_t)snprintf(out + used, HCL_IDENTIFIER_SIZE - used,
					 stays ? "%c" : "_x%02x_", (unsigned char)*next);
	}
	return out;
}
