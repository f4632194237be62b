/* SPDX-License-Identifier: MIT */
/* A stream as a peer may write it: the first byte says in which pieces it comes. */
#include <stdint.h>
#include <string.h>

#include "protocol/frame.h"
#include "protocol/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(const char *text, size_t length)
{
	struct message_call call;
	json_t *parameters;
	struct error error;
	bool continues;

	if (message_call_parse(&call, text, length, &error) == 0)
		message_call_done(&call);
	if (message_reply_parse(text, length, &parameters, &continues, &error) == 0)
		json_decref(parameters);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_reader reader = FRAME_READER_INIT;
	size_t piece = size ? (size_t)*data + 1 : 1;

	while (size > 0) {
		size_t count = size < piece ? size : piece;
		const char *text;
		size_t length;

		if (frame_feed(&reader, data, count) < 0)
			break;
		while (frame_next(&reader, &text, &length) == 1) {
			parse(text, length);
			frame_next_done(&reader, length);
		}
		data += count;
		size -= count;
	}
	frame_done(&reader);
	return 0;
}
