/* SPDX-License-Identifier: MIT */
#include "base/job.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/json.h"

static void json_freep(json_t **json)
{
	json_decref(*json);
}

int job_compose(struct buffer *out, json_t *object, const void *payload, size_t length)
{
	scoped(json_freep) json_t *owned = object;
	scoped(json_text_freep) char *text = NULL;
	size_t before = out->used;
	int r;

	if (!owned ||
	    json_object_set_new(owned, "payload", json_integer((json_int_t)length)) < 0)
		return -ENOMEM;
	text = json_text(owned);
	if (!text)
		return -ENOMEM;
	if (strlen(text) > JOB_HEADER_MAX || length > JOB_PAYLOAD_MAX)
		return -EMSGSIZE;
	r = buffer_add(out, text, strlen(text) + 1);
	if (r == 0)
		r = buffer_add(out, payload, length);
	if (r < 0)
		out->used = before;
	return r;
}

/* The object's own text and the payload's length; the object is the caller's. */
static int read_object(const char *bytes, size_t count, json_t **object, size_t *used,
		       size_t *length)
{
	const char *end = memchr(bytes, '\0', count);
	scoped(json_freep) json_t *json = NULL;
	json_t *payload;

	if (!end)
		return count > JOB_HEADER_MAX ? -EMSGSIZE : -EAGAIN;
	*used = (size_t)(end - bytes) + 1;
	if (*used - 1 > JOB_HEADER_MAX)
		return -EMSGSIZE;
	json = json_parse_object(bytes, *used - 1, NULL);
	if (!json)
		return -EBADMSG;
	payload = json_object_get(json, "payload");
	if (!json_is_integer(payload) || json_integer_value(payload) < 0)
		return -EBADMSG;
	if (json_integer_value(payload) > (json_int_t)JOB_PAYLOAD_MAX)
		return -EMSGSIZE;
	*length = (size_t)json_integer_value(payload);
	*object = take(json);
	return 0;
}

int job_measure(const char *bytes, size_t count, size_t *total)
{
	scoped(json_freep) json_t *json = NULL;
	size_t used, length;
	int r = read_object(bytes, count, &json, &used, &length);

	if (r == 0)
		*total = used + length;
	return r;
}

int job_split(const char *bytes, size_t count, json_t **object, const char **payload,
	      size_t *length, struct error *error)
{
	scoped(json_freep) json_t *json = NULL;
	size_t used = 0, wanted = 0;
	int r = read_object(bytes, count, &json, &used, &wanted);

	if (r == -EMSGSIZE)
		return error_set(error, ERROR_LIMIT, "a worker's message is too long");
	if (r == -EAGAIN || (r == 0 && count - used < wanted))
		return error_set(error, ERROR_INTERNAL, "a worker's message was torn");
	if (r < 0 || count - used > wanted)
		return error_set(error, ERROR_INTERNAL,
				 "a worker's message is malformed");
	*object = take(json);
	*payload = bytes + used;
	*length = wanted;
	return 0;
}

/* Reads once, no further than the job's end once that is known. */
static int read_some(int fd, struct buffer *bytes, size_t total)
{
	size_t left = (total ? total : bytes->most) - bytes->used;
	size_t want = left < 4096 ? left : 4096;
	char *space = buffer_space(bytes, want);
	ssize_t got;

	if (!space)
		return -ENOMEM;
	if (want == 0)
		return -EMSGSIZE;
	do
		got = read(fd, space, want);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	buffer_filled(bytes, (size_t)got);
	return got > 0;
}

int job_read(int fd, struct buffer *bytes, json_t **object, const char **payload,
	     size_t *length, struct error *error)
{
	size_t total = 0;
	int r = 1;

	while (r > 0 && (total == 0 || bytes->used < total)) {
		r = read_some(fd, bytes, total);
		if (r < 0)
			return error_set(error, ERROR_INTERNAL, "cannot read the job: %s",
					 strerror(-r));
		/* What is no job will not become one: no need to wait for its end. */
		if (r > 0 && total == 0) {
			r = job_measure(bytes->bytes, bytes->used, &total);
			r = r == 0 || r == -EAGAIN;
		}
	}
	return job_split(bytes->bytes, bytes->used, object, payload, length, error);
}

static int send_all(int fd, const char *bytes, size_t count)
{
	while (count > 0) {
		ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		bytes += sent;
		count -= (size_t)sent;
	}
	return 0;
}

int job_answer(int fd, json_t *object, const void *payload, size_t length)
{
	scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT(JOB_MAX);
	int r = job_compose(&out, object, payload, length);

	return r < 0 ? r : send_all(fd, out.bytes, out.used);
}

int job_answer_error(int fd, const struct error *error, int retry_seconds)
{
	json_t *body = json_pack("{s:s, s:s, s:s}", "kind", error_kind_name(error->kind),
				 "message", error->text, "next", error->next);

	if (body && retry_seconds >= 0)
		json_object_set_new(body, "retry", json_integer(retry_seconds));
	return job_answer(fd, json_pack("{s:o}", "error", body), NULL, 0);
}
