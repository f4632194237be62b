/* SPDX-License-Identifier: MIT */
#include <sodium.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/codes.h"
#include "broker/routes.h"

struct enrolling {
	struct broker *broker;
	struct call *call;
	struct profiles *profiles;
	const char *code;
	const char *evidence;
	struct device device;
	struct error refusal;
	int is_enrolled;
};

static int read_key(struct call *call, const char *text, struct device *device,
		    struct error *error)
{
	char keyid[SIGNATURE_KEYID_SIZE];
	size_t length = 0;

	if (sodium_base642bin(device->public_key, sizeof(device->public_key), text,
			      strlen(text), NULL, &length, NULL,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) < 0 ||
	    length != sizeof(device->public_key))
		return error_set(error, ERROR_USAGE, "public_key is not an Ed25519 key");
	signature_keyid(device->public_key, keyid);
	if (strcmp(keyid, call->claim.keyid) != 0)
		return error_set(error, ERROR_UNAUTHENTICATED,
				 "the call is not signed by the key that it enrolls");
	memcpy(device->keyid, keyid, sizeof(device->keyid));
	return 0;
}

static int authenticate(struct enrolling *enrolling, const char *key, struct error *error)
{
	struct call *call = enrolling->call;
	int r;

	if (!call->has_headers)
		return error_set(error, ERROR_UNAUTHENTICATED, "the call is not signed");
	r = signature_claim_read(&call->headers, &call->claim, error);
	if (r == 0)
		r = read_key(call, key, &enrolling->device, error);
	return r < 0 ? r
		     : call_verify(enrolling->broker, call, enrolling->device.public_key,
				   error);
}

/* Who was removed from `people` after the code was made stays outside. */
static int spend(struct transaction *transaction, struct enrolling *enrolling,
		 struct error *error)
{
	struct audit_origin origin = { NULL, enrolling->call->address,
				       enrolling->evidence };
	int r = codes_spend(transaction, &origin, enrolling->code,
			    enrolling->device.enrolled_at, &enrolling->device,
			    &enrolling->refusal, error);

	if (r == 1 && !profiles_person(enrolling->profiles, enrolling->device.user))
		return error_set(error, ERROR_FORBIDDEN,
				 "%s is not among the people of this broker",
				 enrolling->device.user);
	enrolling->is_enrolled = r == 1;
	return r < 0 ? r : 0;
}

/* Whoever goes on guessing makes the broker write nothing more. */
static int is_shut(struct transaction *transaction, void *data, struct error *error)
{
	struct enrolling *enrolling = data;

	return codes_are_shut(transaction, enrolling->call->address,
			      enrolling->device.enrolled_at, &enrolling->refusal, error);
}

static int enroll(struct transaction *transaction, void *data, struct error *error)
{
	struct enrolling *enrolling = data;
	struct device known;
	int r = call_change_once(transaction, enrolling->call, error);

	if (r == 0)
		r = store_device(transaction, enrolling->device.keyid, &known, error);
	if (r == 1)
		return error_set(error, ERROR_FORBIDDEN,
				 "this device key is enrolled already");
	return r < 0 ? r : spend(transaction, enrolling, error);
}

int handle_enroll(struct broker *broker, struct call *call, json_t **answer,
		  struct error *error)
{
	/* The code is in the body: the evidence goes without it. */
	scoped(json_text_freep) char *evidence = call_evidence(call, false);
	scoped(profiles_unrefp) struct profiles *profiles = broker_profiles(broker);
	json_auto_t *body = call_body(call, error);
	struct enrolling enrolling = {
		.broker = broker,
		.call = call,
		.profiles = profiles,
		.evidence = evidence,
		.device.enrolled_at = clock_wall_seconds(broker->clock),
	};
	const char *key;
	int r;

	if (!body)
		return -1;
	r = json_read(body, error, "{s:s, s:s !}", "code", &enrolling.code, "public_key",
		      &key);
	if (r == 0)
		r = authenticate(&enrolling, key, error);
	if (r == 0)
		r = store_read(broker->store, is_shut, &enrolling, error);
	if (r == 0)
		r = store_write(broker->store, enroll, &enrolling, error);
	if (r < 0)
		return r;
	if (!enrolling.is_enrolled) {
		*error = enrolling.refusal;
		call->is_noted = true;
		return -1;
	}
	return call_answered(answer, json_pack("{s:s}", "user", enrolling.device.user),
			     error);
}
