/* SPDX-License-Identifier: MIT */
/* What STS may send: the first byte picks the status. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "agent/fetch-document.h"
#include "base/cleanup.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t at_zero(void *data)
{
	(void)data;
	return 0;
}

/* Whatever was accepted must make a document that parses. */
static void render(const struct sts_credentials *credentials)
{
	static const struct clock clock = { at_zero, at_zero, NULL };
	scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT((size_t)8 * 1024);
	int64_t expire_at;
	json_t *json;

	if (fetch_document_render(credentials, "123456789012", 4000000000, &clock, &out,
				  &expire_at, NULL) < 0)
		return;
	json = json_parse_object(out.bytes, out.used, NULL);
	assert(json && json_object_size(json) == 6);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 200, 400, 403, 500, 301, 0 };
	struct sts_credentials credentials;
	struct sts_outcome outcome;
	struct error error;
	bool should_retry;

	if (size == 0)
		return 0;
	if (sts_read_answer(statuses[*data % 7], (const char *)data + 1, size - 1,
			    &credentials, &outcome, &should_retry, &error) == 0)
		render(&credentials);
	return 0;
}
