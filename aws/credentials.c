/* SPDX-License-Identifier: MIT */
#include "aws/credentials.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials-origin.h"
#include "base/cleanup.h"

struct credentials_source {
	struct credentials_config config;
	const struct clock *clock;
	pthread_mutex_t lock; /* held while fetching: the others want its result */
	bool has_cached;
	struct credentials cached;
	int64_t failed_at_seconds; /* the last try; 0: it went well */
};

void credentials_wipe(struct credentials *credentials)
{
	explicit_bzero(credentials, sizeof(*credentials));
}

struct credentials_source *credentials_source_new(const struct credentials_config *config,
						  const struct clock *clock)
{
	struct credentials_source *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	source->config = *config;
	source->clock = clock;
	pthread_mutex_init(&source->lock, NULL);
	return source;
}

struct credentials_source *credentials_source_free(struct credentials_source *source)
{
	if (!source)
		return NULL;
	credentials_wipe(&source->cached);
	pthread_mutex_destroy(&source->lock);
	free(source);
	return NULL;
}

int credentials_set(char *member, size_t size, const char *value, struct error *error)
{
	size_t length = strlen(value);

	for (const char *next = value; *next; next++)
		if (*next <= ' ' || *next > '~')
			length = size;
	if (length >= size)
		return error_set(error, ERROR_USAGE,
				 "the broker's AWS credentials are malformed");
	memcpy(member, value, length + 1);
	return 0;
}

static bool is_set(const char *text)
{
	return text && *text;
}

static int fetch(const struct credentials_config *config, struct credentials *fresh,
		 struct error *error)
{
	const char *profile = is_set(config->profile) ? config->profile : "default";
	int r;

	if (config->role)
		r = credentials_from_role(config->role, fresh, error);
	else if (is_set(config->process))
		r = credentials_from_process(config->process, CREDENTIALS_PROCESS_MS,
					     config->stop, fresh, error);
	else if (is_set(config->file))
		r = credentials_from_file(config->file, profile, fresh, error);
	else
		r = credentials_from_environment(fresh, error);
	if (r == 0 && !(fresh->access_key_id[0] && fresh->secret_access_key[0]))
		return error_set(error, ERROR_USAGE,
				 "the broker's AWS credentials lack a key id or secret");
	return r;
}

static bool is_fresh(const struct credentials_source *source, int64_t margin_seconds)
{
	int64_t end = source->cached.expires_at_seconds;

	return source->has_cached &&
	       (end == 0 || end - margin_seconds > clock_wall_seconds(source->clock));
}

/* A process that hangs would delay each call until its deadline. */
static bool is_paused(const struct credentials_source *source)
{
	int64_t since = clock_wall_seconds(source->clock) - source->failed_at_seconds;

	return is_fresh(source, 0) && since >= 0 && since < CREDENTIALS_PAUSE_SECONDS;
}

static int get_cached(struct credentials_source *source, struct credentials *credentials,
		      struct error *error)
{
	scoped(credentials_wipe) struct credentials fresh = { .expires_at_seconds = 0 };
	int r = 0;

	if (!is_fresh(source, CREDENTIALS_MARGIN_SECONDS) && !is_paused(source)) {
		r = fetch(&source->config, &fresh, error);
		source->failed_at_seconds = r < 0 ? clock_wall_seconds(source->clock) : 0;
	}
	if (fresh.access_key_id[0] && r == 0) {
		source->cached = fresh;
		source->has_cached = true;
	}
	if (is_fresh(source, 0)) {
		*credentials = source->cached;
		return 0;
	}
	return r < 0 ? r
		     : error_set(error, ERROR_UNREACHABLE,
				 "the broker's AWS credentials have expired");
}

int credentials_get(struct credentials_source *source, struct credentials *credentials,
		    struct error *error)
{
	scoped(credentials_wipe) struct credentials fresh = { .expires_at_seconds = 0 };
	int r;

	if (source->config.role || is_set(source->config.process)) {
		pthread_mutex_lock(&source->lock);
		r = get_cached(source, credentials, error);
		pthread_mutex_unlock(&source->lock);
		return r;
	}
	r = fetch(&source->config, &fresh, error);
	if (r == 0)
		*credentials = fresh;
	return r;
}

void credentials_forget(struct credentials_source *source)
{
	pthread_mutex_lock(&source->lock);
	credentials_wipe(&source->cached);
	source->has_cached = false;
	pthread_mutex_unlock(&source->lock);
}
