/* SPDX-License-Identifier: MIT */
/*
 * load SOCKET CLIENTS CALLS [REQUEST]
 *
 * CLIENTS threads, each making CALLS calls with a connection of its own: send
 * REQUEST and a NUL, read to the end.  Prints calls a second, the median and
 * the 99th percentile in microseconds, and the bytes of one answer.  An answer
 * of another size than the first one's, or an empty one, is a failure.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bench/stats.h"

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static const char *request = "x";
static size_t calls;

struct client {
	pthread_t thread;
	int64_t *times;
	size_t answer_size;
	bool has_failed;
};

/* One call; returns the bytes of its answer, or -1. */
static ssize_t call(void)
{
	scoped(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ssize_t total = 0, got;
	char answer[16384];

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	if (send(fd, request, strlen(request) + 1, MSG_NOSIGNAL) < 0)
		return -1;
	while ((got = recv(fd, answer, sizeof(answer), 0)) > 0)
		total += got;
	return got < 0 || total == 0 ? -1 : total;
}

static void *run(void *data)
{
	struct client *client = data;

	for (size_t i = 0; i < calls; i++) {
		int64_t start = stats_now();
		ssize_t size = call();

		client->times[i] = stats_now() - start;
		if (i == 0 && size > 0)
			client->answer_size = (size_t)size;
		if (size < 0 || (size_t)size != client->answer_size) {
			client->has_failed = true;
			break;
		}
	}
	return NULL;
}

static int report(struct client *clients, size_t count, int64_t *times, int64_t elapsed)
{
	size_t total = count * calls;

	for (size_t i = 0; i < count; i++)
		if (clients[i].has_failed) {
			fputs("load: a call failed\n", stderr);
			return 1;
		}
	printf("%.0f %.1f %.1f %zu\n", (double)total * 1e9 / (double)elapsed,
	       (double)stats_quantile(times, total, 0.5) / 1e3,
	       (double)stats_quantile(times, total, 0.99) / 1e3, clients[0].answer_size);
	return 0;
}

static int measure(size_t count)
{
	scoped(freep) struct client *clients = calloc(count, sizeof(*clients));
	scoped(freep) int64_t *times = calloc(count * calls, sizeof(*times));
	int64_t start = stats_now();

	if (!clients || !times)
		return 1;
	for (size_t i = 0; i < count; i++) {
		clients[i].times = times + i * calls;
		if (pthread_create(&clients[i].thread, NULL, run, &clients[i]) != 0)
			return 1;
	}
	for (size_t i = 0; i < count; i++)
		pthread_join(clients[i].thread, NULL);
	return report(clients, count, times, stats_now() - start);
}

int main(int argc, char **argv)
{
	if (argc < 4 || argc > 5 || strlen(argv[1]) >= sizeof(address.sun_path)) {
		fputs("usage: load SOCKET CLIENTS CALLS [REQUEST]\n", stderr);
		return 2;
	}
	memcpy(address.sun_path, argv[1], strlen(argv[1]) + 1);
	calls = strtoul(argv[3], NULL, 10);
	if (argc == 5)
		request = argv[4];
	return measure(strtoul(argv[2], NULL, 10));
}
