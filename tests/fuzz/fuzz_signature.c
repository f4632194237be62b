/* SPDX-License-Identifier: MIT */
/* The three headers that a stranger sends with a call, split at line breaks. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "protocol/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill(char *out, size_t room, char **rest)
{
	char *line = strsep(rest, "\n");

	snprintf(out, room, "%s", line ? line : "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char public_key[SIGNATURE_PUBLIC_KEY_SIZE];
	struct signature_headers headers;
	struct signature_claim claim;
	struct signed_call call = { "GET", "http://127.0.0.1/v1/events", NULL, 0 };
	char text[1024];
	char *rest = text;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	fill(headers.content_digest, sizeof(headers.content_digest), &rest);
	fill(headers.signature_input, sizeof(headers.signature_input), &rest);
	fill(headers.signature, sizeof(headers.signature), &rest);
	(void)signature_claim_read(&headers, &claim, NULL);
	(void)signature_verify(&call, &headers, public_key, 1790000000, NULL);
	return 0;
}
