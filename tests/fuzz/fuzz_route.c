/* SPDX-License-Identifier: MIT */
/*
 * A call as a stranger sends it, or somebody who is known: the first byte chooses the
 * method, who, and whether it is signed; then lines: the target, the three
 * headers; the rest is the body.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "broker/routes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char profiles_text[] = "version: 1\n"
				    "accounts: {}\n"
				    "people:\n"
				    "  ann: { groups: [support] }\n"
				    "roles:\n"
				    "  support: [ask, approve]\n"
				    "profiles: {}\n";
static struct broker broker;
static char directory[] = "/tmp/fuzz-XXXXXX";

/* Where it cannot be set up nothing can be found: better to stop at once. */
static void need(int r, const char *what)
{
	if (r < 0) {
		fprintf(stderr, "fuzz_route: %s\n", what);
		abort();
	}
}

static void clean_up(void)
{
	static const char *const names[] = { "keys", "profiles", "store", "store-wal",
					     "store-shm" };
	char path[64];

	broker_done(&broker);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		unlink(path);
	}
	rmdir(directory);
}

static void set_up(void)
{
	char path[64];
	struct findings findings = { .count = 0 };
	struct profiles *profiles = NULL;
	struct store *store = NULL;
	struct keys *keys = NULL;
	struct error error = { .text = "no directory" };

	need(mkdtemp(directory) ? 0 : -1, error.text);
	snprintf(path, sizeof(path), "%s/keys", directory);
	need(keys_make(path, 1, &error), error.text);
	need(keys_open(path, &keys, &error), error.text);
	snprintf(path, sizeof(path), "%s/profiles", directory);
	need(file_write(path, 0600, profiles_text, strlen(profiles_text)), "no profiles");
	need(profiles_load(path, &profiles, &findings, &error), error.text);
	findings_done(&findings);
	snprintf(path, sizeof(path), "%s/store", directory);
	need(store_open(path, &store, &error), error.text);
	atexit(clean_up);
	need(broker_init(&broker, "https://jit.example.com", &clock_system, store, keys,
			 profiles, &error),
	     error.text);
}

/* Cuts the next line off *rest into a text of its own; the caller frees it. */
static char *take_line(const char **rest, size_t *left)
{
	const char *end = memchr(*rest, '\n', *left);
	size_t length = end ? (size_t)(end - *rest) : *left;
	char *line = strndup(*rest, length);

	*rest += length + (end ? 1 : 0);
	*left -= length + (end ? 1 : 0);
	return line;
}

static void take_header(const char **rest, size_t *left, char *out, size_t size)
{
	scoped(freep) char *line = take_line(rest, left);

	snprintf(out, size, "%s", line ? line : "");
}

static void make_call(struct call *call, const char *rest, size_t left)
{
	struct signature_headers *headers = &call->headers;

	if (call->has_headers) {
		take_header(&rest, &left, headers->content_digest,
			    sizeof(headers->content_digest));
		take_header(&rest, &left, headers->signature_input,
			    sizeof(headers->signature_input));
		take_header(&rest, &left, headers->signature, sizeof(headers->signature));
	}
	call->body = left ? rest : NULL;
	call->body_length = left < CALL_BODY_MAX ? left : CALL_BODY_MAX;
}

/* As if the signature had been good, with a nonce that was not there before. */
static void know(struct call *call)
{
	static uint64_t nonce;

	call->is_authenticated = true;
	snprintf(call->user, sizeof(call->user), "ann");
	snprintf(call->claim.nonce, sizeof(call->claim.nonce), "%032llx",
		 (unsigned long long)nonce++);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	static const char *const methods[] = { "GET", "POST", "HEAD", "" };
	scoped(freep) char *uri = NULL;
	json_auto_t *answer = NULL;
	struct call call = { .address = "192.0.2.1" };
	const char *rest = (const char *)data + 1;
	size_t left = size - 1;

	if (size < 1)
		return 0;
	pthread_once(&once, set_up);
	if (data[0] & 8)
		know(&call);
	call.method = methods[data[0] & 3];
	call.has_headers = data[0] & 4;
	uri = take_line(&rest, &left);
	if (!uri || strlen(uri) > CALL_URI_MAX)
		return 0;
	call.uri = uri;
	make_call(&call, rest, left);
	routes_answer(&broker, &call, &answer);
	return 0;
}
