/* SPDX-License-Identifier: MIT */
#ifndef BROKER_EXCHANGE_H
#define BROKER_EXCHANGE_H

#include <microhttpd.h>
#include <pthread.h>

#include "broker/broker.h"

/*
 * One call while it is here, from its first line to its last byte: taken apart for
 * routes_answer(), held without a thread while it waits, answered.  The three
 * callbacks of libmicrohttpd get a struct exchanges as their data.
 */
struct exchanges {
	struct broker *broker;
	const char *trusted_proxy; /* whose X-Forwarded-For is believed; "" for none */
	size_t prefix_length;      /* of the issuer's own path */
	pthread_mutex_t lock;
	pthread_cond_t is_idle;
	size_t count; /* under way or waiting */
};

/* What all exchanges of a server share; broker and trusted_proxy stay the caller's. */
void exchanges_init(struct exchanges *exchanges);
void exchanges_done(struct exchanges *exchanges);

/* From now on calls are this broker's. */
void exchanges_open(struct exchanges *exchanges, struct broker *broker);

/* Waits until none is left, that long at most. */
void exchanges_drain(struct exchanges *exchanges, unsigned int seconds);

/* MHD_OPTION_URI_LOG_CALLBACK. */
void *exchange_begin(void *data, const char *uri, struct MHD_Connection *connection);

/* MHD_AccessHandlerCallback. */
enum MHD_Result exchange_go_on(void *data, struct MHD_Connection *connection,
			       const char *url, const char *method, const char *version,
			       const char *piece, size_t *piece_length, void **state);

/* MHD_OPTION_NOTIFY_COMPLETED. */
void exchange_end(void *data, struct MHD_Connection *connection, void **state,
		  enum MHD_RequestTerminationCode code);

#endif
