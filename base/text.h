/* SPDX-License-Identifier: MIT */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Words that strangers write: which are names, and how the rest is shown
 * without moving a terminal's cursor or forging a log line.
 */

/* A name of a profile, person, group, parameter: [A-Za-z0-9][A-Za-z0-9._@-]{0,63}. */
bool text_is_name(const char *text);

/*
 * Shows any bytes as printable UTF-8: control characters, ill-formed bytes and
 * bidirectional overrides become \xNN or \u{N}.  What was escaped before stays as
 * it is, and so do patterns and paths, since a backslash is shown as one.  Cuts to
 * size with "..." at the end.  Returns out.
 */
const char *text_escape(const char *text, char *out, size_t size);

/* The same with a buffer on the stack: printf("%s", TEXT_ESCAPED(stranger)). */
#define TEXT_ESCAPED(text) text_escape((text), (char[200]){ 0 }, 200)

/*
 * Drops the part of a UTF-8 character that a cut has left at the end of text.  Here,
 * since base/error.c is also where libsodium, which base/text.c needs, is not.
 */
static inline void text_cut(char *text)
{
	size_t length = strlen(text), start = length;
	unsigned char lead;

	while (start > 0 && length - start < 3 && (text[start - 1] & 0xc0) == 0x80)
		start--;
	lead = start > 0 ? (unsigned char)text[start - 1] : 0;
	if (lead >= 0xc0 && length - start < (lead < 0xe0 ? 1U : lead < 0xf0 ? 2U : 3U))
		text[start - 1] = '\0';
}

/* Length of the well-formed UTF-8 character at text, with its number; 0 if none. */
size_t text_character(const char *text, uint32_t *number);

/* Whether all of it is well-formed; JSON says nothing else. */
bool text_is_utf8(const char *text);

/* Whether that character shows as something else: control, zero-width, bidirectional. */
bool text_misleads(uint32_t number);

#define ID_SIZE 13 /* "r-", ten characters, NUL */

/* A new id: a prefix letter, '-', ten random characters of 0-9a-z less i, l, o, u. */
void id_make(char letter, char out[static ID_SIZE]);

/* Whether text is such an id with that letter. */
bool id_is_valid(char letter, const char *text);

#endif
