/* SPDX-License-Identifier: MIT */
#ifndef BROKER_ROUTES_H
#define BROKER_ROUTES_H

#include <jansson.h>

#include "broker/call.h"

/*
 * What the broker answers to: one row a method and path, the same as in
 * protocol/openapi.yaml (tests/check-routes.sh compares them).
 */
enum route_rule {
	ROUTE_OPEN,      /* anybody */
	ROUTE_ENROLLING, /* signed by a key that is not known yet; the handler checks */
	ROUTE_READ,      /* signed by a device of a person; replays are refused */
	ROUTE_CHANGE,    /* the same; its handler uses the nonce in its transaction */
};

struct route {
	const char *method;
	const char *pattern; /* "{id}" is the id of a request */
	enum route_rule rule;
	/* 0 with *answer, 0 without to wait (see struct call), or error_set(). */
	int (*handle)(struct broker *broker, struct call *call, json_t **answer,
		      struct error *error);
};

/* Every route; ends with a NULL method. */
extern const struct route routes[];

/*
 * Answers a call: finds its route, checks who it is, does it.  Returns the HTTP
 * status with *answer, a new reference; 0 where the call is to wait.
 */
int routes_answer(struct broker *broker, struct call *call, json_t **answer);

/* handle-*.c */
int handle_enroll(struct broker *broker, struct call *call, json_t **answer,
		  struct error *error);
int handle_profiles(struct broker *broker, struct call *call, json_t **answer,
		    struct error *error);
int handle_pending(struct broker *broker, struct call *call, json_t **answer,
		   struct error *error);
int handle_ask(struct broker *broker, struct call *call, json_t **answer,
	       struct error *error);
int handle_request(struct broker *broker, struct call *call, json_t **answer,
		   struct error *error);
int handle_decision(struct broker *broker, struct call *call, json_t **answer,
		    struct error *error);
int handle_end(struct broker *broker, struct call *call, json_t **answer,
	       struct error *error);
int handle_grant(struct broker *broker, struct call *call, json_t **answer,
		 struct error *error);
int handle_events(struct broker *broker, struct call *call, json_t **answer,
		  struct error *error);
int handle_configuration(struct broker *broker, struct call *call, json_t **answer,
			 struct error *error);
int handle_jwks(struct broker *broker, struct call *call, json_t **answer,
		struct error *error);

#endif
