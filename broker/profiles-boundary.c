/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "broker/profiles-reading.h"

#define NAME_MAX_LENGTH 128
#define ARN_MAX_LENGTH 400

/* IAM, CreatePolicy: [\w+=,.@-]{1,128}, behind a path of its own or none. */
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			      "0123456789_+=,.@-";

static bool is_name(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length <= NAME_MAX_LENGTH &&
	       text[strspn(text, letters)] == 0;
}

/* "arn:aws:iam::123456789012:policy/path/NAME"; AWS's own have "aws" for the account. */
static bool is_arn(const char *text)
{
	const char *name = strrchr(text, '/');

	return strncmp(text, "arn:", 4) == 0 && strstr(text, ":policy/") && name &&
	       strlen(text) <= ARN_MAX_LENGTH && is_name(name + 1);
}

void reading_boundary(struct reading *reading, struct fy_node *value, void *target)
{
	char *boundary = yaml_word(reading, value, "a policy");

	if (boundary && !is_name(boundary) && !is_arn(boundary))
		yaml_error(reading, value, "jit-boundary",
			   "'%s' is neither a managed policy's name nor its ARN",
			   TEXT_ESCAPED(boundary));
	*(char **)target = boundary;
}
