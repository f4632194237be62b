/* SPDX-License-Identifier: MIT */
#include "broker/hub.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024 /* of people; a power of two */
#define SECONDS 64   /* more than HUB_WAIT_MAX_SECONDS */

struct topic {
	struct topic *next;
	char *user;
	int64_t changed; /* the last that we heard of */
	struct waiter *waiters;
};

struct hub {
	pthread_mutex_t lock;
	struct topic *topics[BUCKETS];
	struct waiter *due[SECONDS];
	unsigned int now;
	bool is_closed;
};

struct hub *hub_new(void)
{
	struct hub *hub = calloc(1, sizeof(*hub));

	if (hub)
		pthread_mutex_init(&hub->lock, NULL);
	return hub;
}

void hub_free(struct hub *hub)
{
	if (!hub)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (hub->topics[i]) {
			struct topic *topic = hub->topics[i];

			hub->topics[i] = topic->next;
			free(topic->user);
			free(topic);
		}
	}
	pthread_mutex_destroy(&hub->lock);
	free(hub);
}

/* FNV-1a: names of people are ours, nobody can choose them to collide. */
static size_t bucket_of(const char *user)
{
	uint64_t hash = 14695981039346656037U;

	for (; *user; user++)
		hash = (hash ^ (unsigned char)*user) * 1099511628211U;
	return hash & (BUCKETS - 1);
}

static struct topic *find(struct hub *hub, const char *user)
{
	struct topic **bucket = &hub->topics[bucket_of(user)];
	struct topic *topic = *bucket;

	while (topic && strcmp(topic->user, user) != 0)
		topic = topic->next;
	if (topic)
		return topic;
	topic = calloc(1, sizeof(*topic));
	if (!topic || !(topic->user = strdup(user))) {
		free(topic);
		return NULL;
	}
	topic->next = *bucket;
	*bucket = topic;
	return topic;
}

static void link_in(struct topic *topic, struct waiter **due, struct waiter *waiter)
{
	waiter->next = topic->waiters;
	waiter->link = &topic->waiters;
	if (waiter->next)
		waiter->next->link = &waiter->next;
	topic->waiters = waiter;

	waiter->next_due = *due;
	waiter->link_due = due;
	if (waiter->next_due)
		waiter->next_due->link_due = &waiter->next_due;
	*due = waiter;
}

/* Once woken the waiter may be gone: out of both lists first. */
static void wake(struct waiter *waiter)
{
	*waiter->link = waiter->next;
	if (waiter->next)
		waiter->next->link = waiter->link;
	*waiter->link_due = waiter->next_due;
	if (waiter->next_due)
		waiter->next_due->link_due = waiter->link_due;
	waiter->wake(waiter);
}

static int wait_locked(struct hub *hub, const char *user, int64_t since, int64_t seconds,
		       struct waiter *waiter)
{
	struct topic *topic = find(hub, user);

	if (!topic)
		return -ENOMEM;
	if (hub->is_closed)
		return -ESHUTDOWN;
	if (topic->changed > since)
		return -EALREADY;
	waiter->since = since;
	if (seconds < 1)
		seconds = 1;
	if (seconds > HUB_WAIT_MAX_SECONDS)
		seconds = HUB_WAIT_MAX_SECONDS;
	link_in(topic, &hub->due[(hub->now + (unsigned int)seconds) % SECONDS], waiter);
	return 0;
}

int hub_wait(struct hub *hub, const char *user, int64_t since, int64_t seconds,
	     struct waiter *waiter)
{
	int r;

	pthread_mutex_lock(&hub->lock);
	r = wait_locked(hub, user, since, seconds, waiter);
	pthread_mutex_unlock(&hub->lock);
	return r;
}

void hub_publish(struct hub *hub, const char *user, int64_t changed)
{
	struct waiter *waiter, *next;
	struct topic *topic;

	pthread_mutex_lock(&hub->lock);
	topic = find(hub, user);
	if (topic && changed > topic->changed)
		topic->changed = changed;
	for (waiter = topic ? topic->waiters : NULL; waiter; waiter = next) {
		next = waiter->next;
		if (waiter->since < changed)
			wake(waiter);
	}
	pthread_mutex_unlock(&hub->lock);
}

void hub_tick(struct hub *hub)
{
	pthread_mutex_lock(&hub->lock);
	hub->now = (hub->now + 1) % SECONDS;
	while (hub->due[hub->now])
		wake(hub->due[hub->now]);
	pthread_mutex_unlock(&hub->lock);
}

void hub_close(struct hub *hub)
{
	pthread_mutex_lock(&hub->lock);
	hub->is_closed = true;
	for (size_t i = 0; i < SECONDS; i++)
		while (hub->due[i])
			wake(hub->due[i]);
	pthread_mutex_unlock(&hub->lock);
}
