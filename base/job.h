/* SPDX-License-Identifier: MIT */
#ifndef BASE_JOB_H
#define BASE_JOB_H

#include <jansson.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * How a job and its answer are framed between the agent's core and a worker:
 * a JSON object, one NUL, payload bytes up to the end of the stream.  The
 * object's "payload" says how many, so that a torn one is seen.  Secrets are
 * payload, never JSON.  agent/job.h and keystore/keystore.h say what is asked.
 */
#define JOB_HEADER_MAX ((size_t)64 * 1024)   /* the JSON object */
#define JOB_PAYLOAD_MAX ((size_t)256 * 1024) /* an HTTP body at most */
#define JOB_MAX (JOB_HEADER_MAX + 1 + JOB_PAYLOAD_MAX)

/*
 * Adds a whole job or answer to out and sets the object's "payload".  Takes
 * object (NULL counts as no memory).  Returns 0, -EMSGSIZE, -ENOMEM.
 */
int job_compose(struct buffer *out, json_t *object, const void *payload, size_t length);

/*
 * How many bytes the job at the front of these has.  Returns 0 with *total
 * set; -EAGAIN while its object has not all come; -EMSGSIZE past a limit,
 * -EBADMSG for what is no job.
 */
int job_measure(const char *bytes, size_t count, size_t *total);

/*
 * Splits a stream read to its end.  Returns 0 with *object a new reference and
 * *payload pointing into bytes; else error_set(), a torn stream and bytes
 * behind the payload included.
 */
int job_split(const char *bytes, size_t count, json_t **object, const char **payload,
	      size_t *length, struct error *error);

/*
 * For workers: reads one job from fd, into a buffer with room for JOB_MAX that
 * the caller wipes with buffer_done(), and splits it.  Needs no end of stream.
 */
int job_read(int fd, struct buffer *bytes, json_t **object, const char **payload,
	     size_t *length, struct error *error);

/* For workers: sends an answer on a socket, blocking; takes object.  0 or -errno. */
int job_answer(int fd, json_t *object, const void *payload, size_t length);

/* The same for a failure; retry_seconds below 0 means that trying again is no use. */
int job_answer_error(int fd, const struct error *error, int retry_seconds);

#endif
