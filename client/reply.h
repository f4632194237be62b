/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_REPLY_H
#define CLIENT_REPLY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads the agent's reply to GetCredentials with libc alone: a JSON object of
 * strings, and one level of objects of strings.  Anything else is refused; no
 * allocation, no recursion.
 */
struct reply {
	char error[64]; /* the Varlink error, "" for success */
	char text[512]; /* why, as printable UTF-8, cut to size */
	char next[256]; /* the command to type next, or "" */
};

/* Returns 0, or -EBADMSG; then *reply is not to be used. */
int reply_parse(const char *bytes, size_t length, struct reply *reply);

/*
 * Whether the bytes are a whole credential_process document: one line with its
 * newline, an object from brace to brace.  What is in it is the agent's care.
 */
bool reply_document_is_whole(const char *bytes, size_t length);

/* Longest line on standard error, its newline and NUL included: SDKs show it whole. */
#define REPLY_LINE_SIZE 200

/*
 * What to print for a failure, with a newline.  A long text is cut so that the
 * command to type next still fits.
 */
void reply_line(const struct reply *reply, char out[static REPLY_LINE_SIZE]);

#endif
