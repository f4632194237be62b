/* SPDX-License-Identifier: MIT */
#include "broker/call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"

void call_done(struct call *call)
{
	profiles_unref(call->profiles);
	call->profiles = NULL;
	call->person = NULL;
}

struct lookup {
	const char *keyid;
	struct device device;
};

static int find_device(struct transaction *transaction, void *data, struct error *error)
{
	struct lookup *lookup = data;

	return store_device(transaction, lookup->keyid, &lookup->device, error);
}

int call_verify(struct broker *broker, struct call *call,
		const unsigned char public_key[static SIGNATURE_PUBLIC_KEY_SIZE],
		struct error *error)
{
	scoped(freep) char *target = NULL;
	struct signed_call signed_call = { .method = call->method,
					   .body = call->body,
					   .body_length = call->body_length };

	if (asprintf(&target, "%s%s", broker->issuer, call->uri) < 0) {
		target = NULL;
		return error_set(error, ERROR_INTERNAL, "out of memory");
	}
	signed_call.target_uri = target;
	return signature_verify(&signed_call, &call->headers, public_key,
				clock_wall_seconds(broker->clock), error);
}

int call_authenticate(struct broker *broker, struct call *call, struct error *error)
{
	struct lookup lookup = { .keyid = call->claim.keyid };
	int r;

	if (!call->has_headers)
		return error_set(error, ERROR_UNAUTHENTICATED, "the call is not signed");
	r = signature_claim_read(&call->headers, &call->claim, error);
	if (r == 0)
		r = store_read(broker->store, find_device, &lookup, error);
	if (r == 0) {
		r = error_set(error, ERROR_UNAUTHENTICATED,
			      "this device is not enrolled here");
		error_next(error, "jitctl enroll --broker URL --code CODE");
	} else if (r > 0) {
		r = call_verify(broker, call, lookup.device.public_key, error);
	}
	if (r < 0)
		return r;
	memcpy(call->user, lookup.device.user, sizeof(call->user));
	call->is_authenticated = true;
	return 0;
}

int call_read_once(struct broker *broker, struct call *call, struct error *error)
{
	int r = nonces_use(broker->nonces, call->claim.keyid, call->claim.nonce,
			   clock_wall_seconds(broker->clock));

	if (r == 0)
		return error_set(error, ERROR_UNAUTHENTICATED,
				 "this call was made before: its nonce is used");
	if (r < 0)
		return error_set(error, ERROR_LIMIT, "too many calls; try later");
	return 0;
}

int call_change_once(struct transaction *transaction, const struct call *call,
		     struct error *error)
{
	int64_t forget_at = call->claim.created_seconds +
			    INT64_C(2) * SIGNATURE_SKEW_SECONDS;
	int r = store_nonce_use(transaction, call->claim.keyid, call->claim.nonce,
				forget_at, error);

	if (r == 0)
		return error_set(error, ERROR_UNAUTHENTICATED,
				 "this call was made before: its nonce is used");
	return r < 0 ? r : 0;
}

int call_identify(struct broker *broker, struct call *call, struct error *error)
{
	call_done(call);
	call->profiles = broker_profiles(broker);
	call->person = profiles_person(call->profiles, call->user);
	if (!call->person)
		return error_set(error, ERROR_FORBIDDEN,
				 "%s is not among the people of this broker", call->user);
	return 0;
}

char *call_evidence(const struct call *call, bool with_body)
{
	json_auto_t *evidence = json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:o*}", "method", call->method, "target",
	    call->uri, "content_digest", call->headers.content_digest, "signature_input",
	    call->headers.signature_input, "signature", call->headers.signature, "body",
	    with_body ? json_stringn(call->body, call->body_length) : NULL);

	return evidence ? json_text(evidence) : NULL;
}

/* What has a row of its own: a known person's "no" and a stranger's signature. */
static const struct {
	enum error_kind kind;
	enum audit_event event;
} noted[] = {
	{ ERROR_UNAUTHENTICATED, AUDIT_UNAUTHENTICATED },
	{ ERROR_FORBIDDEN, AUDIT_REFUSED },
	{ ERROR_LIMIT, AUDIT_REFUSED },
};

struct refusal_note {
	const struct call *call;
	const struct error *refusal;
	enum audit_event event;
	int64_t now_seconds;
	int64_t unwritten;
};

static int note_refusal(struct transaction *transaction, void *data, struct error *error)
{
	const struct refusal_note *note = data;
	const struct call *call = note->call;
	struct audit_origin origin = { .user = call->user[0] ? call->user : NULL,
				       .address = call->address };
	int r = 0;

	if (note->unwritten > 0)
		r = audit_note(transaction, &origin, note->now_seconds, note->event, NULL,
			       error, "%lld more refused calls from there, not written",
			       (long long)note->unwritten);
	if (r == 0)
		r = audit_note(transaction, &origin, note->now_seconds, note->event,
			       call->id[0] ? call->id : NULL, error, "%s %s: %s",
			       TEXT_ESCAPED(call->method), TEXT_ESCAPED(call->uri),
			       note->refusal->text);
	return r;
}

void call_note_refusal(struct broker *broker, const struct call *call,
		       const struct error *refusal)
{
	struct refusal_note note = { .call = call,
				     .refusal = refusal,
				     .now_seconds = clock_wall_seconds(broker->clock) };
	size_t i = 0, count = sizeof(noted) / sizeof(noted[0]);

	while (i < count && noted[i].kind != refusal->kind)
		i++;
	if (i == count || !refusals_count(broker->refusals, call->address,
					  note.now_seconds, &note.unwritten))
		return;
	note.event = noted[i].event;
	store_write(broker->store, note_refusal, &note, NULL);
}

struct changing {
	struct broker *broker;
	struct call *call;
	struct change *change;
	struct error *refusal;
	int result;
};

/* A refusal is kept outside of the error, so that the nonce is written all the same. */
static int change_once(struct transaction *transaction, void *data, struct error *error)
{
	struct changing *changing = data;
	struct change *change = changing->change;
	int r = call_change_once(transaction, changing->call, error);

	if (r < 0)
		return r;
	changing->result = change->prepared;
	if (changing->result == 0)
		changing->result = change->work(transaction, change, changing->refusal);
	if (changing->result < 0 && changing->refusal->kind == ERROR_INTERNAL) {
		*error = *changing->refusal;
		return changing->result;
	}
	return 0;
}

int call_change(struct broker *broker, struct call *call, struct change *change,
		json_t **answer, struct error *error)
{
	scoped(json_text_freep) char *evidence = call_evidence(call, true);
	scoped(request_freep) struct request *request = NULL;
	struct error refusal = *error;
	struct changing changing = { broker, call, change, &refusal, 0 };
	int64_t now = clock_wall_seconds(broker->clock);
	int r;

	if (!evidence)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	change->acting = (struct acting){
		.profiles = call->profiles,
		.person = call->person,
		.origin = { call->user, call->address, evidence },
		.now_seconds = now,
	};
	r = store_write(broker->store, change_once, &changing, error);
	request = take(change->request);
	if (r < 0)
		return r;
	if (changing.result < 0) {
		*error = refusal;
		return changing.result;
	}
	if (!request)
		return 0;
	return call_answered(
	    answer,
	    json_pack("{s:o}", "request", approvals_show(call->profiles, request, now)),
	    error);
}

int call_answered(json_t **answer, json_t *made, struct error *error)
{
	*answer = made;
	return made ? 0 : error_set(error, ERROR_INTERNAL, "out of memory");
}

/* Finds "name=" in the query; numbers need no decoding. */
static const char *find_value(const char *query, const char *name)
{
	size_t length = strlen(name);

	while (*query) {
		if (strncmp(query, name, length) == 0 && query[length] == '=')
			return query + length + 1;
		query += strcspn(query, "&");
		query += *query == '&';
	}
	return NULL;
}

int call_query_number(const struct call *call, const char *name, int64_t most,
		      int64_t *number, struct error *error)
{
	const char *text = find_value(call->query, name);
	int64_t value = 0;
	size_t digits = text ? strspn(text, "0123456789") : 0;

	if (digits == 0 || digits > 18 || (text[digits] && text[digits] != '&'))
		return error_set(error, ERROR_USAGE, "the query needs %s, a whole number",
				 name);
	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (text[i] - '0');
	if (value > most)
		return error_set(error, ERROR_USAGE, "%s is at most %lld", name,
				 (long long)most);
	*number = value;
	return 0;
}

json_t *call_body(const struct call *call, struct error *error)
{
	if (call->body_length == 0) {
		error_set(error, ERROR_USAGE, "the call has no body");
		return NULL;
	}
	return json_parse_object(call->body, call->body_length, error);
}
