/* SPDX-License-Identifier: MIT */
#include "client/call.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "client/live.h"
#include "protocol/address.h"
#include "protocol/message.h"
#include "protocol/service.h"

#define CHUNK ((size_t)4096)
#define SILENT_MS 1000
#define REDRAW_MS 1000

static int no_agent(struct error *error, const char *path, const char *why)
{
	/* The mark by which sd_booted(3) knows systemd. */
	bool has_systemd = access("/run/systemd/system", F_OK) == 0;
	int r = error_set(error, ERROR_NO_AGENT, "no jit-agent answers at %s: %s",
			  TEXT_ESCAPED(path), why);

	error_next(error, "%s",
		   has_systemd ? "systemctl --user start jit-agent.socket" : "jit-agent");
	return r;
}

static int lost_agent(struct error *error, const char *what)
{
	int r = error_set(error, ERROR_NO_AGENT, "%s", what);

	error_next(error, "jitctl status");
	return r;
}

/* The socket's own deadline covers connect() on a full backlog, and send(). */
static int connect_to_agent(struct error *error)
{
	const struct timeval patience = { .tv_sec = CALL_SECONDS };
	struct sockaddr_un address;
	scoped(closep) int fd = -1;
	int r = address_of_socket(&address, error);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		return error_set(error, ERROR_INTERNAL, "cannot make a socket: %s",
				 strerror(errno));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return no_agent(error, address.sun_path, strerror(errno));
	return take_fd(&fd);
}

static int send_all(int fd, const char *bytes, size_t count, struct error *error)
{
	while (count > 0) {
		ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return lost_agent(error, "the agent does not take the call");
		bytes += sent;
		count -= (size_t)sent;
	}
	return 0;
}

static int send_call(int fd, const char *method, json_t *parameters, bool more,
		     struct error *error)
{
	scoped(json_text_freep) char *text = NULL;
	char full[64] = SERVICE_INTERFACE ".";

	strncat(full, method, sizeof(full) - strlen(full) - 1);
	text = message_call_text(full, parameters, more, false);
	if (!text)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (strlen(text) >= FRAME_MAX)
		return error_set(error, ERROR_LIMIT, "that is too long for one call");
	return send_all(fd, text, strlen(text) + 1, error);
}

int call_start(struct call *call, const char *method, json_t *parameters, bool more,
	       struct error *error)
{
	scoped(closep) int fd = connect_to_agent(error);
	int r;

	if (fd < 0) {
		json_decref(parameters);
		return fd;
	}
	r = send_call(fd, method, parameters, more, error);
	if (r < 0)
		return r;
	*call = (struct call)CALL_INIT;
	call->fd = take_fd(&fd);
	call->goes_on = true;
	return 0;
}

/* Reads no more than fits the longest message, so that the next one can wait. */
static int receive(struct call *call, struct error *error)
{
	size_t room = CALL_REPLY_MAX - call->reader.bytes.used;
	char chunk[CHUNK];
	ssize_t got;
	int r;

	if (room == 0)
		return error_set(error, ERROR_INTERNAL, "the agent sent no valid reply");
	got = recv(call->fd, chunk, room < CHUNK ? room : CHUNK, 0);
	if (got < 0 && errno == EINTR)
		return 0;
	if (got <= 0)
		return lost_agent(error, "the agent hung up");
	r = frame_feed(&call->reader, chunk, (size_t)got);
	explicit_bzero(chunk, (size_t)got);
	return r < 0 ? error_set(error, ERROR_INTERNAL, "out of memory") : 0;
}

int call_next(struct call *call, int timeout_ms, json_t **reply, struct error *error)
{
	int64_t end = clock_now(&clock_system).boot_usec + (int64_t)timeout_ms * 1000;
	const char *text;
	size_t length;
	int r;

	if (!call->goes_on)
		return lost_agent(error, "the agent has stopped answering");
	while (frame_next(&call->reader, &text, &length) == 0) {
		struct pollfd wait = { .fd = call->fd, .events = POLLIN };
		int64_t left = end - clock_now(&clock_system).boot_usec;

		r = poll(&wait, 1, left > 0 ? (int)(left / 1000) : 0);
		if (r == 0)
			return 0;
		if (r < 0 && errno != EINTR)
			return error_set(error, ERROR_INTERNAL, "poll: %s",
					 strerror(errno));
		r = r < 0 ? 0 : receive(call, error);
		if (r < 0)
			return r;
	}
	r = message_reply_parse(text, length, reply, &call->goes_on, error);
	frame_next_done(&call->reader, length);
	return r < 0 ? r : 1;
}

void call_done(struct call *call)
{
	closep(&call->fd);
	call->fd = -1;
	frame_done(&call->reader);
}

static int64_t seconds_since(int64_t began_usec)
{
	return (clock_now(&clock_system).boot_usec - began_usec) / USEC_PER_SEC;
}

/* Most replies are there at once; past a second a terminal shows the waiting. */
static int wait_for_reply(struct call *call, int seconds, json_t **reply,
			  struct error *error)
{
	int64_t began_usec = clock_now(&clock_system).boot_usec, waited;
	int r = call_next(call, SILENT_MS, reply, error);
	struct live live;
	char line[64];

	if (r != 0)
		return r;
	live = live_open();
	while (r == 0 && (waited = seconds_since(began_usec)) < seconds) {
		snprintf(line, sizeof(line), "waiting for the agent (%d s)",
			 waited > 0 ? (int)waited : 1);
		live_show(&live, line);
		live_wait(&live, call->fd, REDRAW_MS);
		r = call_next(call, 0, reply, error);
	}
	live_done(&live);
	return r;
}

int call_agent(const char *method, json_t *parameters, int seconds, json_t **reply,
	       struct error *error)
{
	scoped(call_done) struct call call = CALL_INIT;
	int r = call_start(&call, method, parameters, false, error);

	if (r < 0)
		return r;
	r = wait_for_reply(&call, seconds, reply, error);
	if (r == 0)
		return lost_agent(error, "the agent takes too long to answer");
	return r < 0 ? r : 0;
}
