/* SPDX-License-Identifier: MIT */
#ifndef AGENT_WORKER_ANSWER_H
#define AGENT_WORKER_ANSWER_H

#include <stddef.h>

#include "agent/worker.h"

/*
 * Reads what a worker wrote until it closed its stream.  A worker is less
 * trusted than the core: it has met the network.  Fills result, with an error
 * where the answer is one or is none; result->answer is the caller's to
 * release, result->payload points into bytes.
 */
void worker_answer_read(struct worker_result *result, const char *bytes, size_t count);

#endif
