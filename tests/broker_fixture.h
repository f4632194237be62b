/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BROKER_FIXTURE_H
#define TESTS_BROKER_FIXTURE_H

#include <dirent.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "broker/codes.h"
#include "broker/routes.h"

/*
 * A whole broker without its sockets: a store and keys in a directory of its own, a
 * clock that stands still until it is told, and people whose calls are signed.
 */
#define FIXTURE_START 1795000000 /* a Friday */
#define FIXTURE_ISSUER "https://jit.example.com"

struct fixture {
	char directory[64];
	char store_path[96], keys_path[96], profiles_path[96];
	_Atomic int64_t now_seconds;
	struct clock clock;
	struct broker broker;
};

struct device_key {
	unsigned char public_key[SIGNATURE_PUBLIC_KEY_SIZE];
	unsigned char secret_key[SIGNATURE_SECRET_KEY_SIZE];
};

static const char fixture_profiles[] =
    "version: 1\n"
    "accounts:\n"
    "  production: { id: \"123456789012\", region: eu-west-1 }\n"
    "people:\n"
    "  ann:  { groups: [support] }\n"
    "  bob:  { groups: [support] }\n"
    "  carl: { groups: [support] }\n"
    "  dora: { groups: [dba] }\n"
    "  eve:  { groups: [analysts] }\n"
    "roles:\n"
    "  dba:      [ask, approve, revoke, read-audit]\n"
    "  support:  [ask, approve]\n"
    "  analysts: [ask]\n"
    "approvals:\n"
    "  one-peer:  { peer: { group: support, count: 1 } }\n"
    "  two-peers: { peer: { group: support, count: 2 } }\n"
    "  a-dba:     { administrator: { group: dba } }\n"
    "  daytime:   { conditions: { hours: \"Mon-Sun 09:00-18:00 Etc/UTC\" } }\n"
    "profiles:\n"
    "  orders-support:\n"
    "    summary: One customer's orders\n"
    "    account: production\n"
    "    role: jit-orders-support\n"
    "    who: [support]\n"
    "    longest: 2h\n"
    "    usual: 30m\n"
    "    parameters:\n"
    "      tenant: { pattern: \"[a-z0-9-]{3,32}\", summary: the customer's id }\n"
    "    approval: one-peer\n"
    "    access:\n"
    "      - dynamodb: { table: orders, actions: read, leading_keys: [\"${tenant}\"] }\n"
    "  two-of-us:\n"
    "    summary: With two\n"
    "    account: production\n"
    "    role: jit-two\n"
    "    who: [support]\n"
    "    longest: 1h\n"
    "    usual: 1h\n"
    "    approval: two-peers\n"
    "    access:\n"
    "      - dynamodb: { table: orders, actions: read }\n"
    "  by-day:\n"
    "    summary: At work, nobody is asked\n"
    "    account: production\n"
    "    role: jit-by-day\n"
    "    who: [support]\n"
    "    longest: 1h\n"
    "    usual: 1h\n"
    "    approval: daytime\n"
    "    access:\n"
    "      - dynamodb: { table: orders, actions: read }\n"
    "  lonely:\n"
    "    summary: Only dora could approve, and it is dora who asks\n"
    "    account: production\n"
    "    role: jit-lonely\n"
    "    who: [dba]\n"
    "    longest: 1h\n"
    "    usual: 1h\n"
    "    approval: a-dba\n"
    "    access:\n"
    "      - dynamodb: { table: orders, actions: read }\n"
    "  provisioned:\n"
    "    summary: A role of its own for each session\n"
    "    account: production\n"
    "    provision: { path: /jit/ }\n"
    "    who: [support]\n"
    "    longest: 1h\n"
    "    approval: one-peer\n"
    "    access:\n"
    "      - dynamodb: { table: orders, actions: read }\n";

static int64_t fixture_wall(void *data)
{
	return ((struct fixture *)data)->now_seconds * USEC_PER_SEC;
}

static void fixture_write_profiles(struct fixture *fixture, const char *text)
{
	assert_int_equal(file_write(fixture->profiles_path, 0600, text, strlen(text)), 0);
}

static inline void fixture_reload(struct fixture *fixture, const char *text)
{
	struct findings findings = { .count = 0 };
	struct profiles *profiles = NULL;
	struct error error;

	fixture_write_profiles(fixture, text);
	assert_int_equal(
	    profiles_load(fixture->profiles_path, &profiles, &findings, &error), 0);
	findings_done(&findings);
	broker_set_profiles(&fixture->broker, profiles);
}

/* Opens what is in the directory, as a start of the broker does. */
static void fixture_open(struct fixture *fixture)
{
	struct findings findings = { .count = 0 };
	struct profiles *profiles = NULL;
	struct store *store = NULL;
	struct keys *keys = NULL;
	struct error error = { .text = "" };

	if (profiles_load(fixture->profiles_path, &profiles, &findings, &error) < 0)
		fail_msg("%s", error.text);
	findings_done(&findings);
	assert_int_equal(store_open(fixture->store_path, &store, &error), 0);
	assert_int_equal(keys_open(fixture->keys_path, &keys, &error), 0);
	assert_int_equal(broker_init(&fixture->broker, FIXTURE_ISSUER, &fixture->clock,
				     store, keys, profiles, &error),
			 0);
}

static int fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct error error;

	assert_non_null(fixture);
	snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/test-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	snprintf(fixture->store_path, sizeof(fixture->store_path), "%s/broker.db",
		 fixture->directory);
	snprintf(fixture->keys_path, sizeof(fixture->keys_path), "%s/keys.json",
		 fixture->directory);
	snprintf(fixture->profiles_path, sizeof(fixture->profiles_path),
		 "%s/profiles.yaml", fixture->directory);
	fixture->now_seconds = FIXTURE_START;
	fixture->clock = (struct clock){ fixture_wall, fixture_wall, fixture };
	fixture_write_profiles(fixture, fixture_profiles);
	assert_int_equal(keys_make(fixture->keys_path, FIXTURE_START, &error), 0);
	fixture_open(fixture);
	*state = fixture;
	return 0;
}

static int fixture_teardown(void **state)
{
	struct fixture *fixture = *state;
	DIR *directory = opendir(fixture->directory);
	struct dirent *entry;

	broker_done(&fixture->broker);
	while (directory && (entry = readdir(directory)))
		unlinkat(dirfd(directory), entry->d_name, 0);
	if (directory)
		closedir(directory);
	rmdir(fixture->directory);
	free(fixture);
	return 0;
}

static int fixture_add_device(struct transaction *transaction, void *data,
			      struct error *error)
{
	return store_device_add(transaction, data, error);
}

/* A device of that person, enrolled without a code. */
static inline struct device_key fixture_enroll(struct fixture *fixture, const char *user)
{
	struct device device = { .enrolled_at = fixture->now_seconds };
	struct device_key key;
	struct error error;

	crypto_sign_keypair(key.public_key, key.secret_key);
	memcpy(device.public_key, key.public_key, sizeof(device.public_key));
	signature_keyid(key.public_key, device.keyid);
	snprintf(device.user, sizeof(device.user), "%s", user);
	assert_int_equal(
	    store_write(fixture->broker.store, fixture_add_device, &device, &error), 0);
	return key;
}

/* Signs a call as the agent does. */
static void fixture_sign(const struct fixture *fixture, const struct device_key *key,
			 struct call *call)
{
	unsigned char copy[SIGNATURE_SECRET_KEY_SIZE];
	struct secret *secret;
	char target[CALL_URI_MAX + 64];
	struct signed_call signed_call = { call->method, target, call->body,
					   call->body_length };

	snprintf(target, sizeof(target), "%s%s", FIXTURE_ISSUER, call->uri);
	memcpy(copy, key->secret_key, sizeof(copy));
	secret = secret_take(copy, sizeof(copy));
	assert_non_null(secret);
	assert_int_equal(
	    signature_sign(&signed_call, secret, fixture->now_seconds, &call->headers),
	    0);
	secret_free(secret);
	call->has_headers = true;
}

static inline struct call fixture_make_call(const struct fixture *fixture,
					    const struct device_key *key,
					    const char *method, const char *uri,
					    const char *body)
{
	struct call call = { .method = method,
			     .uri = uri,
			     .body = body,
			     .body_length = body ? strlen(body) : 0,
			     .address = "192.0.2.1" };

	if (key)
		fixture_sign(fixture, key, &call);
	return call;
}

/* One signed call; its status, and its answer as a new reference. */
static inline int fixture_call(struct fixture *fixture, const struct device_key *key,
			       const char *method, const char *uri, const char *body,
			       json_t **answer)
{
	struct call call = fixture_make_call(fixture, key, method, uri, body);

	return routes_answer(&fixture->broker, &call, answer);
}

/* The status alone. */
static inline int fixture_status(struct fixture *fixture, const struct device_key *key,
				 const char *method, const char *uri, const char *body)
{
	json_t *answer = NULL;
	int status = fixture_call(fixture, key, method, uri, body, &answer);

	json_decref(answer);
	return status;
}

/* A new key for asking; in a buffer of its own each time. */
static inline const char *fixture_key(void)
{
	static _Thread_local char text[REQUEST_KEY_SIZE];
	unsigned char bytes[16];

	randombytes_buf(bytes, sizeof(bytes));
	return sodium_bin2hex(text, sizeof(text), bytes, sizeof(bytes));
}

/* Asks, and copies the id; returns the status. */
static inline int fixture_ask(struct fixture *fixture, const struct device_key *key,
			      const char *profile, const char *parameters,
			      char id[static ID_SIZE])
{
	json_t *answer = NULL;
	const char *text;
	char body[512];
	int status;

	snprintf(body, sizeof(body),
		 "{\"profile\":\"%s\",\"parameters\":%s,\"reason\":\"a test\","
		 "\"key\":\"%s\"}",
		 profile, parameters, fixture_key());
	status = fixture_call(fixture, key, "POST", "/v1/requests", body, &answer);
	text = json_string_value(
	    json_object_get(json_object_get(answer, "request"), "id"));
	snprintf(id, ID_SIZE, "%s", text ? text : "");
	json_decref(answer);
	return status;
}

/* POST /v1/requests/ID/WHAT; returns the status. */
static inline int fixture_post(struct fixture *fixture, const struct device_key *key,
			       const char *id, const char *what, const char *body)
{
	char uri[64];

	snprintf(uri, sizeof(uri), "/v1/requests/%.*s/%s", ID_SIZE - 1, id, what);
	return fixture_status(fixture, key, "POST", uri, body);
}

/* The state of a request as its owner sees it. */
static inline void fixture_assert_state(struct fixture *fixture,
					const struct device_key *key, const char *id,
					const char *state)
{
	json_t *answer = NULL;
	char uri[64];

	snprintf(uri, sizeof(uri), "/v1/requests/%s", id);
	assert_int_equal(fixture_call(fixture, key, "GET", uri, NULL, &answer), 200);
	assert_string_equal(json_string_value(json_object_get(
				json_object_get(answer, "request"), "state")),
			    state);
	json_decref(answer);
}

struct fixture_audit {
	const char *event;
	int count;
};

static int fixture_count_entry(void *data, const struct audit_entry *entry)
{
	struct fixture_audit *audit = data;

	audit->count += strcmp(entry->event, audit->event) == 0;
	return 0;
}

static int fixture_count_all(struct transaction *transaction, void *data,
			     struct error *error)
{
	return store_audit_since(transaction, 0, fixture_count_entry, data, error);
}

/* How many audit rows of that event there are. */
static inline int fixture_audited(struct fixture *fixture, enum audit_event event)
{
	struct fixture_audit audit = { audit_event_name(event), 0 };
	struct error error;

	assert_int_equal(
	    store_read(fixture->broker.store, fixture_count_all, &audit, &error), 0);
	return audit.count;
}

#endif
