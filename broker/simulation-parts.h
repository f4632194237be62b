/* SPDX-License-Identifier: MIT */
#ifndef BROKER_SIMULATION_PARTS_H
#define BROKER_SIMULATION_PARTS_H

#include "broker/simulation.h"
#include "policy/dynamodb.h"

/* The parts of simulation_read(), each for some options. */

/* What an action of DynamoDB is on.  0, or error_set(error, ERROR_USAGE, ...). */
int simulation_read_resource(const struct options *options, struct asked *asked,
			     const struct dynamodb_action *action, struct error *error);

/*
 * What hand-written documents look at, too: actions of other services by
 * --action service:Action and --resource.  The same.
 */
int simulation_read_other(const struct options *options, const char *action,
			  struct simulation *simulation, struct error *error);

/* The role that asks, its tags, and each --context.  The same, or ERROR_INTERNAL. */
int simulation_read_context(const struct options *options, const struct subject *subject,
			    struct simulation *simulation, struct error *error);

#endif
