/* SPDX-License-Identifier: MIT */
#ifndef BROKER_BROKER_H
#define BROKER_BROKER_H

#include <pthread.h>

#include "base/clock.h"
#include "broker/hub.h"
#include "broker/keys.h"
#include "broker/nonces.h"
#include "broker/profiles.h"
#include "broker/refusals.h"
#include "broker/store.h"

struct enforcer;

/*
 * Everything that a call is answered with.  Made once; only the profiles change, by a
 * reload, and a call holds on to those that it began with.
 */
struct broker {
	const char *issuer; /* the broker's own URL, without a slash at the end */
	const struct clock *clock;
	struct store *store;
	struct keys *keys;
	struct hub *hub;
	struct nonces *nonces;     /* of reads */
	struct refusals *refusals; /* how many the audit has taken */
	pthread_mutex_t profiles_lock;
	struct profiles *profiles;
	int64_t judged_minute;     /* broker_tick()'s own */
	struct enforcer *enforcer; /* NULL where the broker does not write to IAM */
};

/* Fills what `broker` owns of itself; store, keys and profiles become its own. */
int broker_init(struct broker *broker, const char *issuer, const struct clock *clock,
		struct store *store, struct keys *keys, struct profiles *profiles,
		struct error *error);
void broker_done(struct broker *broker);

/*
 * From now on no grant is signed before AWS has the Deny for its end; sessions
 * that were granted before get theirs.  access must outlive the broker.  0 or
 * error_set().
 */
struct iam_access;
int broker_enforce(struct broker *broker, struct iam_access *access, struct error *error);

/* The profiles in force: a reference of the caller's. */
struct profiles *broker_profiles(struct broker *broker);

/* Puts other profiles in force; takes the reference. */
void broker_set_profiles(struct broker *broker, struct profiles *profiles);

/*
 * What has to happen once a second: wakes who waited long enough, writes down
 * what time has done, forgets what is over.  0 or error_set().
 */
int broker_tick(struct broker *broker, struct error *error);

#endif
