/* SPDX-License-Identifier: MIT */
#ifndef AGENT_FETCH_DOCUMENT_H
#define AGENT_FETCH_DOCUMENT_H

#include <stdint.h>

#include "agent/job.h"
#include "aws/sts.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"

/*
 * The document that credential_process prints: one line, one JSON object,
 * everything that any SDK asks for.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 */
#define FETCH_DOCUMENT_MARGIN_SECONDS JOB_MARGIN_SECONDS

/*
 * Adds the line and its newline to out and sets *expire_at_seconds to its
 * Expiration: the earlier of STS's and the session's end, less the margin.
 * The credentials are as sts_assume_role() checked them.  Returns 0, or
 * error_set() with out unchanged: ERROR_NO_SESSION if that moment is past by
 * the session's end, ERROR_INTERNAL if only by STS's, which means a clock is
 * off.
 */
int fetch_document_render(const struct sts_credentials *credentials,
			  const char *account_id, int64_t ends_at_seconds,
			  const struct clock *clock, struct buffer *out,
			  int64_t *expire_at_seconds, struct error *error);

#endif
