/* SPDX-License-Identifier: MIT */
#include "broker/enforcer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define WORKER_STACK ((size_t)1024 * 1024)

struct worker {
	struct worker *next;
	enum crew crew;
	struct enforcer *enforcer;
	pthread_t thread;
	pthread_cond_t has_news;
	bool has_work;
	struct duty_site site;
	struct error failure; /* of the store, told once */
};

struct enforcer {
	struct iam_access *access;
	const struct broker *broker;
	pthread_mutex_t lock;
	struct worker *workers;
	bool is_stopping;
	bool lacks_threads; /* told once */
};

struct enforcer *enforcer_new(struct iam_access *access, const struct broker *broker)
{
	struct enforcer *enforcer = calloc(1, sizeof(*enforcer));

	if (!enforcer)
		return NULL;
	enforcer->access = access;
	enforcer->broker = broker;
	pthread_mutex_init(&enforcer->lock, NULL);
	return enforcer;
}

static bool is_stopping(struct enforcer *enforcer)
{
	bool stopping;

	pthread_mutex_lock(&enforcer->lock);
	stopping = enforcer->is_stopping;
	pthread_mutex_unlock(&enforcer->lock);
	return stopping;
}

/* A store that fails is asked again at the next tick; it is told once. */
static void note_failure(struct worker *worker, const struct error *error)
{
	if (strcmp(worker->failure.text, error->text) != 0)
		log_error("account %s: %s", worker->site.account.id, error->text);
	worker->failure = *error;
}

/* A piece of each duty in turn, so that a lot of one delays no other. */
static bool do_duties(struct worker *worker)
{
	struct error error = { .kind = ERROR_NONE };
	bool has_done = false;

	for (const struct duty *duty = duties; duty->name; duty++) {
		int r = 0;

		if (duty->crew == worker->crew)
			r = duty->work(&worker->site, &error);
		has_done |= r > 0;
		if (r < 0)
			note_failure(worker, &error);
	}
	if (error.kind == ERROR_NONE)
		worker->failure.text[0] = '\0';
	return has_done;
}

static void *work(void *data)
{
	struct worker *worker = data;
	struct enforcer *enforcer = worker->enforcer;

	pthread_mutex_lock(&enforcer->lock);
	while (!enforcer->is_stopping) {
		if (!worker->has_work) {
			pthread_cond_wait(&worker->has_news, &enforcer->lock);
			continue;
		}
		worker->has_work = false;
		pthread_mutex_unlock(&enforcer->lock);
		while (do_duties(worker) && !is_stopping(enforcer))
			continue;
		pthread_mutex_lock(&enforcer->lock);
	}
	pthread_mutex_unlock(&enforcer->lock);
	return NULL;
}

static void free_worker(struct worker *worker)
{
	iam_account_done(&worker->site.account);
	pthread_cond_destroy(&worker->has_news);
	free(worker);
}

/*
 * As many threads as accounts, and there may be thousands: libcurl and OpenSSL
 * need a fraction of this stack, not the 8 MiB that each would have.
 */
static int begin_thread(struct worker *worker)
{
	pthread_attr_t attributes;
	int r = pthread_attr_init(&attributes);

	if (r != 0)
		return -r;
	r = pthread_attr_setstacksize(&attributes, WORKER_STACK);
	if (r == 0)
		r = pthread_create(&worker->thread, &attributes, work, worker);
	pthread_attr_destroy(&attributes);
	return -r;
}

/* What an account has to do waits until there is one; the tick asks each second. */
static void note_lack(struct enforcer *enforcer, const char *account_id, int r)
{
	if (r < 0 && !enforcer->lacks_threads)
		log_error("account %s: no thread to work on its IAM: %s; it is tried "
			  "again",
			  account_id, strerror(-r));
	enforcer->lacks_threads = r < 0;
}

/* Called with the lock held.  NULL: no memory or no thread; the tick asks again. */
static struct worker *hire(struct enforcer *enforcer, const char *account_id,
			   enum crew crew)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	int r;

	if (!worker)
		return NULL;
	worker->enforcer = enforcer;
	worker->crew = crew;
	worker->site.store = enforcer->broker->store;
	worker->site.hub = enforcer->broker->hub;
	worker->site.keys = enforcer->broker->keys;
	worker->site.issuer = enforcer->broker->issuer;
	worker->site.clock = enforcer->broker->clock;
	iam_account_init(&worker->site.account, enforcer->access, account_id);
	pthread_cond_init(&worker->has_news, NULL);
	r = begin_thread(worker);
	note_lack(enforcer, account_id, r);
	if (r < 0) {
		free_worker(worker);
		return NULL;
	}
	worker->next = enforcer->workers;
	enforcer->workers = worker;
	return worker;
}

static void wake_crew(struct enforcer *enforcer, const char *account_id, enum crew crew)
{
	struct worker *worker;

	pthread_mutex_lock(&enforcer->lock);
	worker = enforcer->workers;
	while (worker &&
	       (worker->crew != crew || strcmp(worker->site.account.id, account_id) != 0))
		worker = worker->next;
	if (!worker && !enforcer->is_stopping)
		worker = hire(enforcer, account_id, crew);
	if (worker) {
		worker->has_work = true;
		pthread_cond_signal(&worker->has_news);
	}
	pthread_mutex_unlock(&enforcer->lock);
}

void enforcer_wake(struct enforcer *enforcer, const char *account_id)
{
	wake_crew(enforcer, account_id, CREW_WRITES);
}

struct waking {
	struct enforcer *enforcer;
	enum crew crew;
};

static int wake_account(void *data, const char *account_id)
{
	const struct waking *waking = data;

	wake_crew(waking->enforcer, account_id, waking->crew);
	return 0;
}

static int wake_due(struct transaction *transaction, void *data, struct error *error)
{
	struct enforcer *enforcer = data;
	int64_t now = clock_wall_seconds(enforcer->broker->clock);
	int r = 0;

	for (const struct duty *duty = duties; r == 0 && duty->name; duty++) {
		struct waking waking = { enforcer, duty->crew };

		r = duty->accounts(transaction, now, wake_account, &waking, error);
	}
	return r;
}

int enforcer_tick(struct enforcer *enforcer, struct error *error)
{
	return store_read(enforcer->broker->store, wake_due, enforcer, error);
}

void enforcer_stop(struct enforcer *enforcer)
{
	struct worker *worker;

	atomic_store(&enforcer->access->is_stopping, true);
	pthread_mutex_lock(&enforcer->lock);
	enforcer->is_stopping = true;
	for (worker = enforcer->workers; worker; worker = worker->next)
		pthread_cond_signal(&worker->has_news);
	pthread_mutex_unlock(&enforcer->lock);
	/* Nobody is hired any more, so the list stays as it is. */
	while ((worker = enforcer->workers)) {
		enforcer->workers = worker->next;
		pthread_join(worker->thread, NULL);
		free_worker(worker);
	}
}

void enforcer_free(struct enforcer *enforcer)
{
	if (!enforcer)
		return;
	enforcer_stop(enforcer);
	pthread_mutex_destroy(&enforcer->lock);
	free(enforcer);
}
