/* SPDX-License-Identifier: MIT */
/*
 * flow URL ASKER-CODE APPROVER-CODE PROFILE NAME=VALUE CLIENTS FLOWS
 *
 * Enrols two people with a broker on plain HTTP, then CLIENTS threads each run
 * FLOWS flows over a connection of their own: ask, approve, grant, each call
 * signed.  Prints flows a second.  Anything but 200 is a failure.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "bench/clients.h"
#include "protocol/signature.h"

static const char *url, *profile, *parameter, *value;
/* Each thread makes secrets of its own from these: one secret is one thread's. */
static unsigned char asker_key[64], approver_key[64];
static size_t flows;

static int connect_to_broker(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	char host[64];
	const char *colon = strrchr(url, ':');
	int one = 1;
	int fd;

	if (!colon || sscanf(url, "http://%63[0-9.]", host) != 1)
		return -1;
	address.sin_port = htons((unsigned short)strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
		return -1;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Reads one answer into buffer, its body at *body; returns its status. */
static int receive(int fd, struct buffer *buffer, const char **body)
{
	const char *end = NULL, *length;
	size_t total = 0;

	while (!end || buffer->used < total) {
		char *space = buffer_space(buffer, 4096);
		ssize_t got = space ? recv(fd, space, 4096, 0) : -1;

		if (got <= 0)
			return -1;
		buffer_filled(buffer, (size_t)got);
		end = strstr(buffer->bytes, "\r\n\r\n");
		length = strcasestr(buffer->bytes, "\r\nContent-Length:");
		if (end && length)
			total = (size_t)(end + 4 - buffer->bytes) +
				strtoul(length + 17, NULL, 10);
	}
	*body = end + 4;
	return (int)strtol(buffer->bytes + strlen("HTTP/1.1 "), NULL, 10);
}

/* One signed POST; copies what stands behind "key":" in the answer into out. */
static int post(int fd, struct secret *key, const char *path, const char *body,
		const char *wanted, char *out, size_t size)
{
	scoped(buffer_done) struct buffer call = BUFFER_WITH_LIMIT(16384);
	scoped(buffer_done) struct buffer answer = BUFFER_WITH_LIMIT(65536);
	struct signature_headers headers;
	struct signed_call signed_call = { "POST", NULL, body, strlen(body) };
	const char *text, *found;
	char target[256];

	snprintf(target, sizeof(target), "%s%s", url, path);
	signed_call.target_uri = target;
	if (signature_sign(&signed_call, key, clock_wall_seconds(&clock_system),
			   &headers) < 0 ||
	    buffer_print(&call,
			 "POST %s HTTP/1.1\r\nHost: broker\r\n"
			 "Content-Type: application/json\r\nContent-Length: %zu\r\n"
			 "Content-Digest: %s\r\nSignature-Input: %s\r\n"
			 "Signature: %s\r\n\r\n%s",
			 path, strlen(body), headers.content_digest,
			 headers.signature_input, headers.signature, body) < 0 ||
	    send(fd, call.bytes, call.used, MSG_NOSIGNAL) != (ssize_t)call.used)
		return -1;
	if (receive(fd, &answer, &text) != 200) {
		fprintf(stderr, "flow: %s: %s\n", path, answer.used ? answer.bytes : "");
		return -1;
	}
	found = wanted ? strstr(text, wanted) : NULL;
	if (wanted && !found)
		return -1;
	if (found)
		snprintf(out, size, "%.*s", (int)strcspn(found + strlen(wanted), "\""),
			 found + strlen(wanted));
	return 0;
}

static struct secret *copy_key(const unsigned char key[static 64])
{
	unsigned char bytes[64];

	memcpy(bytes, key, sizeof(bytes));
	return secret_take(bytes, sizeof(bytes));
}

static int enroll(const char *code, unsigned char key[static 64])
{
	scoped(closep) int fd = connect_to_broker();
	scoped(secret_freep) struct secret *secret = NULL;
	unsigned char public_key[32];
	char text[64], body[256];

	crypto_sign_keypair(public_key, key);
	secret = copy_key(key);
	sodium_bin2base64(text, sizeof(text), public_key, sizeof(public_key),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	snprintf(body, sizeof(body), "{\"code\":\"%s\",\"public_key\":\"%s\"}", code,
		 text);
	return fd < 0 ? -1 : post(fd, secret, "/v1/enroll", body, NULL, NULL, 0);
}

static int run_flow(int fd, struct secret *asker, struct secret *approver)
{
	unsigned char random[16];
	char key[33], id[16], path[64], body[512];

	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(key, sizeof(key), random, sizeof(random));
	snprintf(body, sizeof(body),
		 "{\"profile\":\"%s\",\"parameters\":{\"%s\":\"%s\"},"
		 "\"reason\":\"bench\",\"key\":\"%s\"}",
		 profile, parameter, value, key);
	if (post(fd, asker, "/v1/requests", body, "\"id\":\"", id, sizeof(id)) < 0)
		return -1;
	snprintf(path, sizeof(path), "/v1/requests/%s/decision", id);
	if (post(fd, approver, path, "{\"verdict\":\"approve\"}", NULL, NULL, 0) < 0)
		return -1;
	snprintf(path, sizeof(path), "/v1/requests/%s/grant", id);
	return post(fd, asker, path, "{}", "\"grant\":\"", body, sizeof(body));
}

static int run(void)
{
	scoped(closep) int fd = connect_to_broker();
	scoped(secret_freep) struct secret *asker = copy_key(asker_key);
	scoped(secret_freep) struct secret *approver = copy_key(approver_key);
	int r = fd < 0 ? -1 : 0;

	for (size_t i = 0; r == 0 && i < flows; i++)
		r = run_flow(fd, asker, approver);
	return r;
}

int main(int argc, char **argv)
{
	char *equals = argc == 8 ? strchr(argv[5], '=') : NULL;

	if (!equals || secret_init() < 0) {
		fputs("usage: flow URL ASKER-CODE APPROVER-CODE PROFILE NAME=VALUE "
		      "CLIENTS FLOWS\n",
		      stderr);
		return 2;
	}
	*equals = '\0';
	url = argv[1];
	profile = argv[4];
	parameter = argv[5];
	value = equals + 1;
	flows = strtoul(argv[7], NULL, 10);
	if (enroll(argv[2], asker_key) < 0 || enroll(argv[3], approver_key) < 0)
		return 1;
	return clients_measure(strtoul(argv[6], NULL, 10), flows, run);
}
