/* SPDX-License-Identifier: MIT */
#include "bench/clients.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "bench/stats.h"

struct client {
	pthread_t thread;
	client_work *work;
	int result;
};

static void *run(void *data)
{
	struct client *client = data;

	client->result = client->work();
	return NULL;
}

int clients_measure(size_t clients, size_t each, client_work *work)
{
	scoped(freep) struct client *list = calloc(clients, sizeof(*list));
	int64_t start = stats_now();
	size_t count = 0;
	int r = list ? 0 : 1;

	for (; r == 0 && count < clients; count += r == 0) {
		list[count].work = work;
		r = pthread_create(&list[count].thread, NULL, run, &list[count]);
	}
	for (size_t i = 0; i < count; i++) {
		pthread_join(list[i].thread, NULL);
		r |= list[i].result;
	}
	if (r == 0)
		printf("%.0f\n",
		       (double)(clients * each) * 1e9 / (double)(stats_now() - start));
	return r == 0 ? 0 : 1;
}
