/* SPDX-License-Identifier: MIT */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <ev.h>
#include <stdbool.h>

#include "agent/alarm.h"
#include "agent/credentials.h"
#include "agent/ended.h"
#include "agent/keys.h"
#include "agent/listener.h"
#include "agent/places.h"
#include "agent/session.h"
#include "agent/settings.h"
#include "agent/sync.h"
#include "agent/watch.h"
#include "agent/worker.h"
#include "base/clock.h"

/*
 * The core's parts, in one place: whoever handles a call needs several.  There
 * is one, on main()'s stack; nothing is global.
 */
struct agent {
	struct ev_loop *loop;
	const struct clock *clock;
	struct settings settings;
	char *config_path;
	char *state_path;   /* directory: device key, ends not told yet */
	char *runtime_path; /* directory: sealed sessions, lock, socket */
	struct workers workers;
	struct keys keys;
	struct sessions sessions;
	struct alarm alarm;
	struct ended ended;
	struct sync sync;
	struct watch watch;
	struct listener listener;
	struct places places; /* of the peers */
	struct scratch scratch;
	struct unlocking *unlocking; /* the keyring's job under way */
	struct enrolment *enrolment; /* the one under way */
};

/* Whether there is a broker and a device key; else error_set(). */
int agent_check_enrolled(const struct agent *agent, struct error *error);

/* Whether the master key is at hand; else error_set(). */
int agent_check_unlocked(const struct agent *agent, struct error *error);

#endif
