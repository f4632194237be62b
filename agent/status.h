/* SPDX-License-Identifier: MIT */
#ifndef AGENT_STATUS_H
#define AGENT_STATUS_H

#include <jansson.h>

/* What the agent says of itself, as types of io.jitctl.Agent. */
struct agent;
struct session;

/* Each returns a new object, or NULL when memory is short. */
json_t *status_of_agent(const struct agent *agent);
json_t *status_of_request(const struct session *session);
json_t *status_of_session(const struct session *session);

#endif
