/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LENGTH 64

static const char name_first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789";
static const char name_rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				"0123456789._@-";

/* Crockford's base 32: no letter that reads as a digit or spells a word. */
static const char id_letters[] = "0123456789abcdefghjkmnpqrstvwxyz";

bool text_is_name(const char *text)
{
	size_t length = strspn(text, name_rest);

	return *text && text[length] == '\0' && length <= NAME_MAX_LENGTH &&
	       strchr(name_first, *text);
}

size_t text_character(const char *text, uint32_t *number)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t length = *bytes < 0x80 ? 1 : *bytes < 0xe0 ? 2 : *bytes < 0xf0 ? 3 : 4;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };

	if ((*bytes >= 0x80 && *bytes < 0xc2) || *bytes > 0xf4)
		return 0;
	*number = *bytes & mask[length];
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		*number = *number << 6 | (bytes[i] & 0x3fU);
	}
	if (*number < least[length] || *number > 0x10ffff ||
	    (*number >= 0xd800 && *number <= 0xdfff))
		return 0;
	return length;
}

/* Controls, what takes no place or is blank, what turns the direction. */
/* clang-format off */
static const struct {
	uint32_t first, last;
} misleading[] = {
	{ 0x00, 0x1f },     { 0x7f, 0x9f },     { 0xad, 0xad },     { 0x34f, 0x34f },
	{ 0x61c, 0x61c },   { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
	{ 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 },
	{ 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0xe0000, UINT32_MAX },
};
/* clang-format on */

bool text_misleads(uint32_t number)
{
	for (size_t i = 0; i < sizeof(misleading) / sizeof(misleading[0]); i++)
		if (number >= misleading[i].first && number <= misleading[i].last)
			return true;
	return false;
}

const char *text_escape(const char *text, char *out, size_t size)
{
	const char *next = text;
	size_t used = 0;

	while (*next) {
		uint32_t number = 0;
		size_t length = text_character(next, &number);
		char piece[16];
		size_t count;

		if (length == 0)
			snprintf(piece, sizeof(piece), "\\x%02x", (unsigned char)*next);
		else if (text_misleads(number))
			snprintf(piece, sizeof(piece), "\\u{%x}", (unsigned int)number);
		else
			snprintf(piece, sizeof(piece), "%.*s", (int)length, next);
		count = strlen(piece);
		if (used + count + 4 > size) {
			memcpy(out + used, "...", 3);
			used += 3;
			break;
		}
		memcpy(out + used, piece, count);
		used += count;
		next += length ? length : 1;
	}
	out[used] = '\0';
	return out;
}

bool text_is_utf8(const char *text)
{
	uint32_t number;
	size_t length;

	for (; *text; text += length)
		if ((length = text_character(text, &number)) == 0)
			return false;
	return true;
}

void id_make(char letter, char out[static ID_SIZE])
{
	unsigned char random[ID_SIZE - 3];

	_Static_assert(256 % (sizeof(id_letters) - 1) == 0, "each letter is as likely");
	randombytes_buf(random, sizeof(random));
	out[0] = letter;
	out[1] = '-';
	for (size_t i = 0; i < sizeof(random); i++)
		out[2 + i] = id_letters[random[i] % (sizeof(id_letters) - 1)];
	out[ID_SIZE - 1] = '\0';
}

bool id_is_valid(char letter, const char *text)
{
	return strlen(text) == ID_SIZE - 1 && text[0] == letter && text[1] == '-' &&
	       strspn(text + 2, id_letters) == ID_SIZE - 3;
}
