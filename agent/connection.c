/* SPDX-License-Identifier: MIT */
#include "agent/connection.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/call.h"
#include "agent/credentials.h"
#include "agent/fast.h"
#include "agent/method.h"
#include "base/buffer.h"
#include "base/json.h"
#include "protocol/frame.h"
#include "protocol/message.h"

#define READ_AT_ONCE 4096

struct connection {
	struct place place;
	struct agent *agent;
	struct ev_io io; /* fd -1: closed, the call under way still lasts */
	struct frame_reader reader;
	struct buffer output;
	struct call call;
	bool is_in_call;
	bool is_advancing;
	bool closes_when_written;
};

static struct connection *connection_at(struct place *place)
{
	return (struct connection *)((char *)place - offsetof(struct connection, place));
}

static struct places *all(struct connection *connection)
{
	return &connection->agent->places;
}

static void free_if_over(struct connection *connection)
{
	if (connection->io.fd >= 0 || connection->is_in_call || connection->is_advancing)
		return;
	places_forget(all(connection), &connection->place);
	free(connection);
}

/* The struct lasts as long as a call is under way. */
void connection_close(struct connection *connection)
{
	if (connection->io.fd < 0)
		return;
	ev_io_stop(connection->agent->loop, &connection->io);
	close(connection->io.fd);
	connection->io.fd = -1;
	places_leave(all(connection), &connection->place);
	frame_done(&connection->reader);
	buffer_done(&connection->output);
	if (connection->call.is_watching) {
		watch_end(connection->agent, &connection->call);
		connection->is_in_call = false;
	}
	free_if_over(connection);
}

static enum place_state state_of(const struct connection *connection)
{
	bool has_output = connection->output.used > 0;
	bool has_part = connection->reader.bytes.used > 0;

	if (has_output || (has_part && !connection->is_in_call))
		return PLACE_STUCK;
	return connection->is_in_call ? PLACE_BUSY : PLACE_IDLE;
}

/* Sets what is waited for, and which list the connection is on. */
static void settle(struct connection *connection)
{
	struct ev_loop *loop = connection->agent->loop;
	bool reads = !connection->is_in_call || connection->call.is_watching;
	int events = connection->output.used > 0 ? EV_WRITE : reads ? EV_READ : 0;

	if (connection->io.fd < 0)
		return;
	places_note(all(connection), &connection->place, state_of(connection));
	if (events == (connection->io.events & (EV_READ | EV_WRITE)) &&
	    ev_is_active(&connection->io) == (events != 0))
		return;
	ev_io_stop(loop, &connection->io);
	ev_io_set(&connection->io, connection->io.fd, events);
	if (events)
		ev_io_start(loop, &connection->io);
}

/* Writes what the peer takes now and keeps the rest. */
static void write_out(struct connection *connection, const char *bytes, size_t count)
{
	ssize_t sent = 0;

	if (connection->io.fd < 0)
		return;
	if (connection->output.used == 0)
		sent = send(connection->io.fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		connection_close(connection);
		return;
	}
	if (sent < 0)
		sent = 0;
	if ((size_t)sent < count &&
	    buffer_add(&connection->output, bytes + sent, count - (size_t)sent) < 0)
		connection_close(connection); /* it reads nothing */
}

void connection_write(struct connection *connection, char *text)
{
	if (text)
		write_out(connection, text, strlen(text) + 1);
	else
		connection_close(connection);
	json_text_free(text);
}

static void answer_badly_formed(struct connection *connection, const struct error *error)
{
	connection->closes_when_written = true;
	connection_write(connection, message_error_text(error));
}

/* Takes the first message off the reader and hands its call to its method. */
static void begin_call(struct connection *connection, const char *message, size_t length)
{
	struct message_call parsed = { 0 };
	struct error error = { ERROR_NONE };
	int r = message_call_parse(&parsed, message, length, &error);

	frame_next_done(&connection->reader, length);
	if (r < 0) {
		answer_badly_formed(connection, &error);
		return;
	}
	connection->is_in_call = true;
	connection->call = (struct call){ .connection = connection,
					  .is_oneway = parsed.oneway,
					  .wants_more = parsed.more,
					  .wants_upgrade = parsed.upgrade };
	method_call(connection->agent, &connection->call, parsed.method,
		    parsed.parameters);
	message_call_done(&parsed);
}

static bool may_begin(const struct connection *connection)
{
	return connection->io.fd >= 0 && !connection->is_in_call &&
	       !connection->output.used;
}

static void advance(struct connection *connection)
{
	const char *message;
	size_t length;

	if (connection->is_advancing)
		return;
	connection->is_advancing = true;
	while (may_begin(connection) && !connection->closes_when_written &&
	       frame_next(&connection->reader, &message, &length) > 0)
		begin_call(connection, message, length);
	if (may_begin(connection) && connection->closes_when_written)
		connection_close(connection);
	connection->is_advancing = false;
	settle(connection);
	free_if_over(connection);
}

static void take_bytes(struct connection *connection, const char *bytes, size_t count)
{
	struct error error;

	if (frame_feed(&connection->reader, bytes, count) < 0) {
		error_set(&error, ERROR_LIMIT, "a call has at most %zu bytes", FRAME_MAX);
		frame_done(&connection->reader);
		if (connection->is_in_call)
			connection_close(connection);
		else
			answer_badly_formed(connection, &error);
	}
}

/* What receive() got takes the general way. */
static void take_in(struct connection *connection, const char *bytes, ssize_t got)
{
	if (got == -EAGAIN || got == -EINTR) {
		settle(connection);
		return;
	}
	connection->is_advancing = true; /* it must not vanish in here */
	if (got <= 0)
		connection_close(connection);
	else
		take_bytes(connection, bytes, (size_t)got);
	connection->is_advancing = false;
	if (connection->io.fd >= 0)
		advance(connection);
	else
		free_if_over(connection);
}

/* Bytes that are there now: how many, 0 at the end, -errno. */
static ssize_t receive(int fd, char bytes[static READ_AT_ONCE])
{
	ssize_t got = recv(fd, bytes, READ_AT_ONCE, MSG_DONTWAIT);

	return got < 0 ? -errno : got;
}

/* They may have been a passphrase. */
static void wipe_received(char *bytes, ssize_t got)
{
	if (got > 0)
		explicit_bzero(bytes, (size_t)got);
}

static bool is_at_rest(const struct connection *connection)
{
	return may_begin(connection) && connection->reader.bytes.used == 0;
}

static void read_in(struct connection *connection)
{
	struct agent *agent = connection->agent;
	char bytes[READ_AT_ONCE];
	ssize_t got = receive(connection->io.fd, bytes);
	bool is_served = got > 0 && is_at_rest(connection) &&
			 fast_serve(agent, connection->io.fd, bytes, (size_t)got);

	credentials_conceal(agent);
	if (is_served)
		connection_close(connection);
	else
		take_in(connection, bytes, got);
	wipe_received(bytes, got);
}

static void write_rest(struct connection *connection)
{
	ssize_t sent = send(connection->io.fd, connection->output.bytes,
			    connection->output.used, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (sent < 0) {
		connection_close(connection);
		return;
	}
	buffer_consume(&connection->output, (size_t)sent);
	places_progress(all(connection), &connection->place);
	if (connection->output.used == 0)
		buffer_done(&connection->output);
	advance(connection);
}

static void on_event(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct connection *connection = io->data;

	(void)loop;
	if (events & EV_WRITE)
		write_rest(connection);
	else
		read_in(connection);
}

static void give_place(struct agent *agent, int fd, const char *bytes, ssize_t got)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection) {
		close(fd);
		return;
	}
	connection->agent = agent;
	connection->reader = (struct frame_reader)FRAME_READER_INIT;
	connection->output = (struct buffer)BUFFER_WITH_LIMIT(CONNECTION_OUTPUT_MAX);
	ev_io_init(&connection->io, on_event, fd, 0);
	connection->io.data = connection;
	places_make_room(&agent->places);
	places_add(&agent->places, &connection->place);
	take_in(connection, bytes, got);
}

void connection_start(struct agent *agent, int fd)
{
	char bytes[READ_AT_ONCE];
	/* The call is usually there already: no need to ask the kernel first. */
	ssize_t got = receive(fd, bytes);

	if (got > 0 && fast_serve(agent, fd, bytes, (size_t)got)) {
		close(fd);
	} else {
		credentials_conceal(agent);
		give_place(agent, fd, bytes, got);
	}
	wipe_received(bytes, got);
}

struct agent *connection_agent(const struct connection *connection)
{
	return connection->agent;
}

bool connection_write_and_stay(struct connection *connection, char *text)
{
	bool was_advancing = connection->is_advancing;
	bool is_there;

	connection->is_advancing = true; /* it must not vanish in here */
	connection_write(connection, text);
	connection->is_advancing = was_advancing;
	is_there = connection->io.fd >= 0;
	settle(connection);
	free_if_over(connection);
	return is_there;
}

void connection_send(struct connection *connection, const void *bytes, size_t count)
{
	if (connection->io.fd >= 0)
		(void)!send(connection->io.fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void connection_end_call(struct connection *connection)
{
	connection->is_in_call = false;
	advance(connection);
}

static void close_place(struct place *place)
{
	connection_close(connection_at(place));
}

/* One that does not read what was written for it cannot be told either. */
static void give_up(struct place *place)
{
	struct connection *connection = connection_at(place);
	struct error error;

	connection->is_advancing = true; /* it must not vanish in here */
	if (!connection->is_in_call && connection->output.used == 0) {
		error_set(&error, ERROR_LIMIT, "the call was not whole within %.0f s",
			  PLACES_PATIENCE_SEC);
		answer_badly_formed(connection, &error);
	}
	connection_close(connection);
	connection->is_advancing = false;
	free_if_over(connection);
}

void connections_init(struct agent *agent, unsigned int most)
{
	places_init(&agent->places, agent->loop, most);
	agent->places.give_up = give_up;
	agent->places.close = close_place;
}

/* Calls that still wait for an answer will never get one. */
static void forget_place(struct place *place)
{
	struct connection *connection = connection_at(place);

	connection->is_in_call = connection->is_in_call && connection->call.is_watching;
	if (connection->io.fd >= 0)
		connection_close(connection);
	else
		free_if_over(connection);
}

void connections_done(struct agent *agent)
{
	agent->places.close = forget_place;
	places_done(&agent->places);
}
