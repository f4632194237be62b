/* SPDX-License-Identifier: MIT */
/* The small readers of base: escaping, times, durations, names. */
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[512], out[64];
	int64_t seconds;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	text_escape(text, out, sizeof(out));
	(void)text_is_name(text);
	(void)id_is_valid('r', text);
	if (duration_parse(text, &seconds) == 0) {
		char again[DURATION_TEXT_SIZE];

		duration_format(seconds, again);
	}
	(void)time_parse(text, &seconds);
	return 0;
}
