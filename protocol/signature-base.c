/* SPDX-License-Identifier: MIT */
#include "protocol/signature-base.h"

#include <errno.h>
#include <string.h>

int signature_base_make(const struct signature_component *components, size_t count,
			const char *parameters, struct buffer *base)
{
	for (size_t i = 0; i < count; i++) {
		int r;

		if (strpbrk(components[i].value, "\r\n"))
			return -EINVAL;
		r = buffer_print(base, "\"%s\": %s\n", components[i].name,
				 components[i].value);
		if (r < 0)
			return r;
	}
	return buffer_print(base, "\"@signature-params\": %s", parameters);
}
