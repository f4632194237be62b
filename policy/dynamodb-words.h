/* SPDX-License-Identifier: MIT */
#ifndef POLICY_DYNAMODB_WORDS_H
#define POLICY_DYNAMODB_WORDS_H

#include "policy/dynamodb.h"

/* Where the words of an access go; the parts of dynamodb_words(). */
struct writer {
	const struct dynamodb_access *access;
	const struct binding *bindings;
	size_t count;
	struct buffer *out;
	int r; /* the first failure; later writes do nothing */
};

void writer_say(struct writer *writer, const char *text);

/* What goes between the i-th of count and the next: "a, b and c". */
const char *writer_between(size_t i, size_t count, const char *last);

/* What is done, of the account or of tables: items first, DynamoDB's own names last. */
void writer_say_verbs(struct writer *writer, bool of_account);

/* How many of the names are about the account as a whole. */
size_t names_of_account(const struct words *names);

/* Whether some are DynamoDB's own names, and not sets. */
bool names_have_calls(const struct words *names);

#endif
