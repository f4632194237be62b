/* SPDX-License-Identifier: MIT */
#include "client/reply.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

struct scan {
	const char *at;
	const char *end;
};

/* A member's text on its way out: counted in full, kept as far as it fits. */
struct copy {
	char *out;
	size_t size;
	size_t used;
	bool is_full;
};

static void skip_space(struct scan *scan)
{
	while (scan->at < scan->end && memchr(" \t\r\n", *scan->at, 4))
		scan->at++;
}

/* Takes that one character, after white space; false where another one stands. */
static bool accept(struct scan *scan, char wanted)
{
	skip_space(scan);
	if (scan->at == scan->end || *scan->at != wanted)
		return false;
	scan->at++;
	return true;
}

/* A piece goes in whole or not at all, so no character is cut in two. */
static void copy_add(struct copy *copy, const char *piece, size_t count)
{
	if (copy->is_full || copy->used + count + 1 > copy->size) {
		copy->is_full = true;
		return;
	}
	memcpy(copy->out + copy->used, piece, count);
	copy->used += count;
}

static bool is_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

/* The agent has escaped what misleads; what is left of it here becomes '?'. */
static void copy_character(struct copy *copy, uint32_t character)
{
	char piece[3];

	if (is_control(character) || (character >= 0xd800 && character < 0xe000))
		character = '?';
	if (character < 0x80) {
		piece[0] = (char)character;
		copy_add(copy, piece, 1);
	} else if (character < 0x800) {
		piece[0] = (char)(0xc0 | character >> 6);
		piece[1] = (char)(0x80 | (character & 0x3f));
		copy_add(copy, piece, 2);
	} else {
		piece[0] = (char)(0xe0 | character >> 12);
		piece[1] = (char)(0x80 | (character >> 6 & 0x3f));
		piece[2] = (char)(0x80 | (character & 0x3f));
		copy_add(copy, piece, 3);
	}
}

static int scan_hex(struct scan *scan, struct copy *copy)
{
	uint32_t character = 0;

	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef0123456789ABCDEF";
		const char *digit = scan->at < scan->end
					? memchr(digits, *scan->at++, sizeof(digits) - 1)
					: NULL;

		if (!digit)
			return -EBADMSG;
		character = character << 4 | ((uint32_t)(digit - digits) & 15);
	}
	copy_character(copy, character);
	return 0;
}

static int scan_escape(struct scan *scan, struct copy *copy)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/?????";
	const char *letter;
	char escape;

	if (scan->at == scan->end)
		return -EBADMSG;
	escape = *scan->at++;
	if (escape == 'u')
		return scan_hex(scan, copy);
	letter = memchr(letters, escape, sizeof(letters) - 1);
	if (!letter)
		return -EBADMSG;
	copy_add(copy, &meanings[letter - letters], 1);
	return 0;
}

/* Length of the UTF-8 character at the front, by its first byte; 0 if ill-formed. */
static size_t utf8_length(const struct scan *scan)
{
	unsigned char first = (unsigned char)*scan->at;
	size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	if ((first >= 0x80 && first < 0xc2) || first > 0xf4 ||
	    (size_t)(scan->end - scan->at) < length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if (((unsigned char)scan->at[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

static int scan_plain(struct scan *scan, struct copy *copy)
{
	size_t length = utf8_length(scan);
	bool is_c1 = length == 2 && (unsigned char)scan->at[0] == 0xc2 &&
		     (unsigned char)scan->at[1] < 0xa0;

	if (length == 0 || (unsigned char)*scan->at < 0x20)
		return -EBADMSG;
	if (is_c1 || *scan->at == 0x7f)
		copy_add(copy, "?", 1);
	else
		copy_add(copy, scan->at, length);
	scan->at += length;
	return 0;
}

/* A JSON string into out, unescaped and ended with a NUL. */
static int scan_string(struct scan *scan, char *out, size_t size)
{
	struct copy copy = { .out = out, .size = size };
	int r = accept(scan, '"') ? 0 : -EBADMSG;

	while (r == 0) {
		if (scan->at == scan->end)
			return -EBADMSG;
		if (*scan->at == '"')
			break;
		if (*scan->at == '\\') {
			scan->at++;
			r = scan_escape(scan, &copy);
		} else {
			r = scan_plain(scan, &copy);
		}
	}
	if (r < 0)
		return r;
	scan->at++;
	out[copy.used] = '\0';
	return 0;
}

#define MEMBERS_MOST 8

/* Reads the value of the member of that name; -EBADMSG for one it does not know. */
typedef int member_reader(struct scan *scan, const char *name, struct reply *reply);

static bool is_among(const char *name, char names[][32], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static int scan_object(struct scan *scan, member_reader *read_member, struct reply *reply)
{
	char names[MEMBERS_MOST][32];
	size_t count = 0;

	if (!accept(scan, '{'))
		return -EBADMSG;
	if (accept(scan, '}'))
		return 0;
	do {
		char *name;

		if (count == MEMBERS_MOST)
			return -EBADMSG;
		name = names[count];
		if (scan_string(scan, name, sizeof(names[0])) < 0 || !accept(scan, ':'))
			return -EBADMSG;
		if (is_among(name, names, count) || read_member(scan, name, reply) < 0)
			return -EBADMSG;
		count++;
	} while (accept(scan, ','));
	return accept(scan, '}') ? 0 : -EBADMSG;
}

static int read_parameter(struct scan *scan, const char *name, struct reply *reply)
{
	char unused[8];

	if (strcmp(name, "text") == 0)
		return scan_string(scan, reply->text, sizeof(reply->text));
	if (strcmp(name, "next") == 0)
		return scan_string(scan, reply->next, sizeof(reply->next));
	return scan_string(scan, unused, sizeof(unused));
}

static int read_top(struct scan *scan, const char *name, struct reply *reply)
{
	if (strcmp(name, "parameters") == 0)
		return scan_object(scan, read_parameter, reply);
	if (strcmp(name, "error") != 0)
		return -EBADMSG;
	if (scan_string(scan, reply->error, sizeof(reply->error)) < 0)
		return -EBADMSG;
	return reply->error[0] ? 0 : -EBADMSG;
}

int reply_parse(const char *bytes, size_t length, struct reply *reply)
{
	struct scan scan = { bytes, bytes + length };

	*reply = (struct reply){ .error = "" };
	if (scan_object(&scan, read_top, reply) < 0)
		return -EBADMSG;
	skip_space(&scan);
	return scan.at == scan.end ? 0 : -EBADMSG;
}

bool reply_document_is_whole(const char *bytes, size_t length)
{
	return length >= 3 && bytes[0] == '{' && bytes[length - 2] == '}' &&
	       memchr(bytes, '\n', length) == bytes + length - 1;
}

/* How much of text fits into room, in whole characters. */
static size_t cut(const char *text, size_t room)
{
	while (room > 0 && ((unsigned char)text[room] & 0xc0) == 0x80)
		room--;
	return room;
}

/* What is over, "ended 3 s ago", is asked for again; what never was is not. */
static const char *words_before_next(const struct reply *reply, const char *text)
{
	const char *ago = strrchr(text, ' ');

	if (error_from_wire_name(reply->error) != ERROR_NO_SESSION)
		return "; run: ";
	return ago && strcmp(ago, " ago") == 0 ? "; ask again with: " : "; ask with: ";
}

void reply_line(const struct reply *reply, char out[static REPLY_LINE_SIZE])
{
	const size_t most = REPLY_LINE_SIZE - sizeof("\n");
	struct copy line = { .out = out, .size = REPLY_LINE_SIZE };
	const char *text = reply->text[0] ? reply->text : "the agent gave no reason";
	const char *join = words_before_next(reply, text);
	size_t length = strlen(text);
	size_t tail = strlen(join) + strlen(reply->next);
	/* A command that leaves the reason no room is left out, never cut. */
	bool has_next = reply->next[0] && tail <= most / 4 * 3;
	size_t room = has_next ? most - tail : most;

	if (length > room) {
		copy_add(&line, text, cut(text, room - strlen("...")));
		copy_add(&line, "...", strlen("..."));
	} else {
		copy_add(&line, text, length);
	}
	if (has_next) {
		copy_add(&line, join, strlen(join));
		copy_add(&line, reply->next, strlen(reply->next));
	}
	copy_add(&line, "\n", 1);
	out[line.used] = '\0';
}
