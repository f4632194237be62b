/* SPDX-License-Identifier: MIT */
/* What DynamoDB may send to the question whether an end holds: the first byte is the
 * status. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "aws/describe-limits.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 400, 400, 400, 403, 500, 0 };
	struct error error;
	int status;

	if (size == 0)
		return 0;
	json_init_wiping();
	status = statuses[*data % 7];
	/* The words may be written with escapes, but the code and status may not be
	 * others. */
	if (limits_read_answer(status, (const char *)data + 1, size - 1, &error) ==
	    LIMITS_DENIED)
		assert(status == 400 && strstr(error.text, "AccessDeniedException"));
	return 0;
}
