/* SPDX-License-Identifier: MIT */
/*
 * Somebody's ~/.aws/config: what was added can be taken out, adding twice is
 * adding once, and where nothing of ours was before, the old bytes come back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "client/aws-config.h"
#include "client/aws-section.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const struct buffer *a, const char *bytes, size_t length)
{
	if (a->used != length || (length > 0 && memcmp(a->bytes, bytes, length) != 0))
		abort();
}

static bool has_ours(const char *text, size_t size)
{
	return memmem(text, size, "jitctl configure", strlen("jitctl configure")) ||
	       memmem(text, size, "jit-credentials", strlen("jit-credentials"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct aws_profile profile = {
		.name = "p",
		.process = "/bin/jit-credentials p",
		.region = size % 2 ? "eu-west-1" : NULL,
		.region_is_asked = size % 4 > 1,
	};
	scoped(buffer_done) struct buffer once = BUFFER_WITH_LIMIT(AWS_CONFIG_MAX);
	scoped(buffer_done) struct buffer twice = BUFFER_WITH_LIMIT(AWS_CONFIG_MAX);
	scoped(buffer_done) struct buffer back = BUFFER_WITH_LIMIT(AWS_CONFIG_MAX);
	const char *text = size ? (const char *)data : "";
	struct error error;

	(void)aws_credentials_has(text, size, "p");
	if (aws_config_add(text, size, &profile, &once, &error) < 0)
		return 0;
	if (aws_config_add(once.bytes, once.used, &profile, &twice, &error) < 0)
		abort();
	same(&twice, once.bytes, once.used);
	if (aws_config_remove(once.bytes, once.used, "p", &back, &error) < 0)
		abort();
	if (!has_ours(text, size))
		same(&back, text, size);
	return 0;
}
