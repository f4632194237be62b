/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_SIGNATURE_BASE_H
#define PROTOCOL_SIGNATURE_BASE_H

#include <stddef.h>

#include "base/buffer.h"

/* The longest text that is signed; a longer call is refused. */
#define SIGNATURE_BASE_MAX ((size_t)8 * 1024)

/* One covered component: its name in lower case and its value (RFC 9421, section 2). */
struct signature_component {
	const char *name;
	const char *value;
};

/*
 * Writes the signature base of RFC 9421, section 2.5: a line per component,
 * then "@signature-params" with the parameters as they stand in the
 * Signature-Input header.  Returns 0, -EMSGSIZE past SIGNATURE_BASE_MAX,
 * -EINVAL for a value with a line break, -ENOMEM.
 */
int signature_base_make(const struct signature_component *components, size_t count,
			const char *parameters, struct buffer *base);

#endif
