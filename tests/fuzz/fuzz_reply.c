/* SPDX-License-Identifier: MIT */
/* What an agent may answer jit-credentials; the line shown stays one line. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "client/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const char *line)
{
	size_t length = strlen(line);

	assert(length > 1 && length < REPLY_LINE_SIZE);
	assert(strchr(line, '\n') == line + length - 1);
	for (size_t i = 0; i < length - 1; i++)
		assert((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	char line[REPLY_LINE_SIZE];
	struct reply reply;

	if (reply_parse(bytes, size, &reply) == 0) {
		reply_line(&reply, line);
		check_line(line);
	}
	if (reply_document_is_whole(bytes, size))
		assert(bytes[size - 1] == '\n');
	return 0;
}
