/* SPDX-License-Identifier: MIT */
#ifndef BROKER_CALL_H
#define BROKER_CALL_H

#include <jansson.h>
#include <stdbool.h>

#include "broker/approvals.h"
#include "broker/audit.h"
#include "broker/broker.h"
#include "protocol/signature.h"

/*
 * One HTTP call, taken apart by the server: what came, who it turned out to be,
 * and what is answered.  Knows nothing of sockets, so tests and the fuzzer make them.
 */
#define CALL_BODY_MAX 65536
#define CALL_URI_MAX 2048
#define CALL_ADDRESS_MAX 64
#define CALL_TOPIC_SIZE 18
#define CALL_ANSWER_MAX ((size_t)256 * 1024)

struct call {
	/* As it came; borrowed, except where said. */
	const char *method;
	const char *uri; /* path and query, not decoded */
	const char *body;
	size_t body_length;
	char address[CALL_ADDRESS_MAX];
	struct signature_headers headers;
	bool has_headers; /* all three were there and not too long */

	/* By routes_answer(). */
	char id[ID_SIZE];  /* of {id} in the path; checked to be one */
	const char *query; /* after '?', or "" */

	/* By call_authenticate() and call_identify(). */
	bool is_authenticated;
	struct signature_claim claim;
	char user[65];
	struct profiles *profiles; /* a reference */
	const struct person *person;

	bool is_noted; /* its refusal is in the audit already */

	/*
	 * A handler that returns 0 without an answer wants to be called again: in
	 * wait_seconds, or when something of the caller's, or of wait_topic if that
	 * is not "", changed after wait_since.
	 */
	bool has_waited;
	bool cannot_wait; /* the server stops: answer now */
	char wait_topic[CALL_TOPIC_SIZE];
	int64_t wait_since;
	int64_t wait_seconds;

	/* Of a grant that waits for IAM: until when, and since which turn there. */
	int64_t wait_until;
	int64_t wait_turn;
};

/* Lets go of what the call holds; the struct itself is its maker's. */
void call_done(struct call *call);

/*
 * Checks the signature against the device's key and sets claim and user.  0 or
 * ERROR_UNAUTHENTICATED.  A replay is found later: by call_read_once() for
 * a call that changes nothing, in its transaction for one that does.
 */
int call_authenticate(struct broker *broker, struct call *call, struct error *error);

/* The same with a given key: for a device that is not enrolled yet. */
int call_verify(struct broker *broker, struct call *call,
		const unsigned char public_key[static SIGNATURE_PUBLIC_KEY_SIZE],
		struct error *error);

/* Refuses the replay of a call that changes nothing.  0 or ERROR_UNAUTHENTICATED. */
int call_read_once(struct broker *broker, struct call *call, struct error *error);

/* Uses the call's nonce in a transaction.  0 or ERROR_UNAUTHENTICATED. */
int call_change_once(struct transaction *transaction, const struct call *call,
		     struct error *error);

/* Finds the person in the profiles now in force.  0 or ERROR_FORBIDDEN. */
int call_identify(struct broker *broker, struct call *call, struct error *error);

/* The signed call as JSON text for the audit; json_text_free() it.  NULL: no memory. */
char *call_evidence(const struct call *call, bool with_body);

/* Writes a refusal into the audit, as far as refusals.h lets it. */
void call_note_refusal(struct broker *broker, const struct call *call,
		       const struct error *refusal);

/* What a call changes: work runs in the transaction, prepared is 0 or why not. */
struct change {
	struct acting acting; /* filled by call_change() */
	int (*work)(struct transaction *transaction, struct change *change,
		    struct error *error);
	void *data;
	int prepared;
	struct request *request; /* what came of it, the change's; or NULL */
};

/*
 * Runs a change in one transaction with its nonce, so that a call counts
 * once whatever became of it, and answers with the request in *answer.
 */
int call_change(struct broker *broker, struct call *call, struct change *change,
		json_t **answer, struct error *error);

/* Hands over an answer that was just made.  0, or error_set() for NULL: no memory. */
int call_answered(json_t **answer, json_t *made, struct error *error);

/* A query parameter that is a whole number within 0..most; 0 or ERROR_USAGE. */
int call_query_number(const struct call *call, const char *name, int64_t most,
		      int64_t *number, struct error *error);

/* The body as a JSON object, a new reference; NULL with error filled. */
json_t *call_body(const struct call *call, struct error *error);

#endif
