/* SPDX-License-Identifier: MIT */
#include "agent/call.h"

#include "agent/connection.h"
#include "base/json.h"
#include "protocol/message.h"

struct agent *call_agent(const struct call *call)
{
	return connection_agent(call->connection);
}

void call_reply_text(struct call *call, char *text)
{
	if (call->is_oneway)
		json_text_free(text);
	else
		connection_write(call->connection, text);
	connection_end_call(call->connection);
}

void call_reply(struct call *call, json_t *parameters)
{
	call_reply_text(call, parameters ? message_reply_text(parameters, false) : NULL);
}

bool call_continue(struct call *call, json_t *parameters)
{
	if (call->is_oneway) {
		json_decref(parameters);
		return true;
	}
	return connection_write_and_stay(
	    call->connection, parameters ? message_reply_text(parameters, true) : NULL);
}

void call_fail(struct call *call, const struct error *error)
{
	call_reply_text(call, message_error_text(error));
}

void call_send(struct call *call, const void *bytes, size_t count)
{
	if (!call->is_oneway)
		connection_send(call->connection, bytes, count);
}

void call_close(struct call *call)
{
	connection_close(call->connection);
	connection_end_call(call->connection);
}
