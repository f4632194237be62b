/* SPDX-License-Identifier: MIT */
#ifndef BROKER_SIMULATION_H
#define BROKER_SIMULATION_H

#include "base/buffer.h"
#include "base/options.h"
#include "broker/subject.h"
#include "policy/meaning.h"

/*
 * A request to AWS, as the options of simulate describe it.  What is not said is
 * missing, as AWS would see it; what AWS never fills in for that action of
 * DynamoDB is a mistake.
 */
#define SIMULATION_LIST_MAX 128 /* no more than options of one call */

struct simulation {
	struct asked asked; /* borrows from below, the subject and the arguments */
	int64_t ends_at;    /* of the session; 0: not said */
	char action[128];
	char *role_arn; /* NULL: not known before the session */
	const char *leading_keys[SIMULATION_LIST_MAX];
	const char *attributes[SIMULATION_LIST_MAX];
	struct buffer names; /* of the attributes */
	struct binding context[SIMULATION_LIST_MAX + 1];
	char *context_keys[SIMULATION_LIST_MAX]; /* owned */
};

extern const struct option_rule options_simulate[];

/* 0, or error_set(error, ERROR_USAGE, ...); simulation_done() it either way. */
int simulation_read(const struct options *options, const struct subject *subject,
		    struct simulation *simulation, struct error *error);

void simulation_done(struct simulation *simulation);

#endif
