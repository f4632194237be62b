/* SPDX-License-Identifier: MIT */
#ifndef AWS_QUERY_H
#define AWS_QUERY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * AWS's Query protocol, as STS and IAM speak it: a form in a POST to "/",
 * XML back.  Here are its form and its refusals; aws/http.h does the call.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
 */

/*
 * Adds NAME=VALUE to a form, percent-encoded, with its "&".  Returns as
 * buffer_add() does.
 */
int query_add(struct buffer *form, const char *name, const char *value);
int query_add_integer(struct buffer *form, const char *name, int64_t value);

enum query_action {
	QUERY_GIVE_UP,
	QUERY_RETRY,     /* the same call may succeed in a moment */
	QUERY_NEW_TOKEN, /* ... with a new web identity token */
};

#define QUERY_CODE_SIZE 64
#define QUERY_MESSAGE_SIZE 1024

struct query_refusal {
	char code[QUERY_CODE_SIZE];       /* AWS's own, "" if it gave none */
	char message[QUERY_MESSAGE_SIZE]; /* a stranger's words, cut: escape to show */
	enum query_action action;
};

/* Reads an answer whose status is not 200, in any of the forms that occur. */
void query_refusal_read(int status, const char *body, size_t length,
			struct query_refusal *refusal);

/*
 * Puts it into words, "STS refused: CODE: message".  ERROR_REFUSED_BY_AWS
 * where AWS gave a code, else ERROR_UNREACHABLE.
 */
int query_refusal_error(const char *service, int status,
			const struct query_refusal *refusal, struct error *error);

#endif
