/* SPDX-License-Identifier: MIT */
/* A job as the core might send it, and a grant as the broker might. */
#include <stdint.h>
#include <string.h>

#include "agent/fetch-call.h"
#include "agent/fetch-grant.h"
#include "agent/job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_call(json_t *json)
{
	struct fetch_call call;
	struct error error;

	if (fetch_call_read(json, &call, &error) == 0)
		fetch_call_done(&call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct fetch_grant grant;
	struct error error;
	const char *payload;
	json_t *object;
	size_t length;

	if (job_split(bytes, size, &object, &payload, &length, &error) == 0) {
		read_call(object);
		read_call(json_object_get(object, "grant"));
		json_decref(object);
	}
	if (fetch_grant_read(size % 2 ? 200 : 409, bytes, size, &grant, &error) == 0)
		fetch_grant_done(&grant);
	return 0;
}
