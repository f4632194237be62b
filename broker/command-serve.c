/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "base/output.h"
#include "broker/commands.h"
#include "broker/ends-check.h"
#include "broker/ends-grant.h"
#include "broker/server.h"
#include "broker/settings.h"
#include "broker/signals.h"
#include "broker/store-provisions.h"

#define PEM_MAX ((size_t)256 * 1024)

static int read_pem(const struct settings *settings, const char *name, struct buffer *pem,
		    struct error *error)
{
	scoped(freep) char *path = settings_path(settings, name);
	int r = path ? file_read(path, pem) : -ENOMEM;

	if (r < 0)
		return error_set(error, ERROR_USAGE, "cannot read %s: %s", name,
				 strerror(-r));
	return 0;
}

static void log_findings(const struct settings *settings, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		log_line(finding->is_error ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
			 "%s:%u: %s", settings->profiles, finding->line,
			 finding->message);
	}
}

static int load_profiles(const struct settings *settings, struct profiles **profiles,
			 struct error *error)
{
	scoped(findings_done) struct findings findings = { .count = 0 };
	int r = settings_load_profiles(settings, profiles, &findings, error);

	log_findings(settings, &findings);
	return r;
}

/* The broker takes what was opened, or nothing is left of it. */
static int open_broker(const struct settings *settings, const char *issuer,
		       struct broker *broker, struct error *error)
{
	scoped(profiles_unrefp) struct profiles *profiles = NULL;
	scoped(store_freep) struct store *store = NULL;
	scoped(keys_freep) struct keys *keys = NULL;
	int r = load_profiles(settings, &profiles, error);

	if (r == 0)
		r = settings_open_store(settings, &store, error);
	if (r == 0)
		r = settings_open_keys(settings, &keys, error);
	if (r < 0)
		return r;
	return broker_init(broker, issuer, &clock_system, take(store), take(keys),
			   take(profiles), error);
}

/* A file with a mistake leaves everything as it is. */
static void reload(const struct settings *settings, struct broker *broker)
{
	struct profiles *profiles = NULL;
	struct error error = { .kind = ERROR_NONE };

	if (load_profiles(settings, &profiles, &error) < 0) {
		log_error("the profiles in force stay: %s", error.text);
		return;
	}
	broker_set_profiles(broker, profiles);
	log_info("reloaded %s", settings->profiles);
}

static void tick(struct broker *broker, bool *has_failed)
{
	struct error error = { .kind = ERROR_NONE };
	bool fails = broker_tick(broker, &error) < 0;

	if (fails && !*has_failed)
		log_error("%s", error.text);
	*has_failed = fails;
}

/* Signals and seconds, until one says to leave. */
static void run_until_told(const struct settings *settings, struct broker *broker,
			   const sigset_t *signals)
{
	const struct timespec second = { .tv_sec = 1 };
	bool has_failed = false;

	for (;;) {
		int signal = sigtimedwait(signals, NULL, &second);

		if (signal == SIGTERM || signal == SIGINT)
			return;
		if (signal == SIGHUP)
			reload(settings, broker);
		else
			tick(broker, &has_failed);
	}
}

static int announce(const struct options *options, const struct server *server,
		    const char *issuer, struct error *error)
{
	if (options->json)
		return output_json(json_pack("{s:s, s:s}", "listening",
					     server_url(server), "issuer", issuer),
				   error);
	printf("listening on %s\n", server_url(server));
	return output_finish(error);
}

static void warn_of_ends(const struct profiles *profiles)
{
	const struct profile *profile;
	size_t count = 0;

	for (size_t i = 0; (profile = profiles_profile_at(profiles, i)); i++)
		count += profile->role != NULL;
	if (count > 0)
		log_warning("iam = off: AWS does not enforce the ends of the sessions of "
			    "%zu profile%s; 'jit-broker check' says by how much",
			    count, count == 1 ? "" : "s");
}

static int count_roles(struct transaction *transaction, void *data, struct error *error)
{
	return store_provision_count(transaction, data, error);
}

/* Roles that were made for sessions when it was on. */
static int warn_of_roles(struct store *store, struct error *error)
{
	int64_t count = 0;
	int r = store_read(store, count_roles, &count, error);

	if (r == 0 && count > 0)
		log_warning("iam = off: %lld role%s made for sessions, and nobody "
			    "destroys %s until it is on again",
			    (long long)count, count == 1 ? " was" : "s were",
			    count == 1 ? "it" : "them");
	return r;
}

/* That asks AWS, which may take its time. */
static int check_keys(struct iam_access *access, const struct broker *broker,
		      struct error *error)
{
	struct signals_watch watch;
	bool is_unreachable = false;
	int r = signals_watch_begin(&watch, &access->is_stopping, error);

	if (r < 0)
		return r;
	r = ends_check_keys(access, broker->profiles, &is_unreachable, error);
	signals_watch_end(&watch);
	if (atomic_load(&access->is_stopping))
		return 1;
	if (is_unreachable)
		log_warning("STS does not answer, so whose the broker's AWS keys are is "
			    "not known yet");
	return r;
}

/*
 * With iam = on there must be keys that AWS knows; an outage of STS keeps nobody
 * down.  0, 1 if the broker was told to leave meanwhile, or error_set().
 */
static int enforce_ends(const struct settings *settings, struct broker *broker,
			struct iam_access *access, struct error *error)
{
	int r;

	if (!settings_iam_is_on(settings)) {
		warn_of_ends(broker->profiles);
		r = warn_of_roles(broker->store, error);
		return r < 0 ? r : ends_leave(broker->store, error);
	}
	r = iam_access_open(settings, &clock_system, access, error);
	if (r == 0)
		r = check_keys(access, broker, error);
	if (r != 0)
		return r;
	return broker_enforce(broker, access, error);
}

static int serve(const struct options *options, const struct settings *settings,
		 struct server *server, struct error *error)
{
	scoped(buffer_done) struct buffer certificate = BUFFER_WITH_LIMIT(PEM_MAX);
	scoped(buffer_done) struct buffer key = BUFFER_WITH_LIMIT(PEM_MAX);
	const char *issuer = settings->url[0] ? settings->url : server_url(server);
	bool has_tls = settings->tls_key[0] != '\0';
	scoped(iam_access_done) struct iam_access access = { .file = NULL };
	struct broker broker = { .store = NULL };
	sigset_t signals;
	int r = 0;

	if (has_tls)
		r = read_pem(settings, settings->tls_certificate, &certificate, error);
	if (r == 0 && has_tls)
		r = read_pem(settings, settings->tls_key, &key, error);
	if (r == 0)
		r = open_broker(settings, issuer, &broker, error);
	if (r < 0)
		return r;
	signals_block(&signals);
	r = enforce_ends(settings, &broker, &access, error);
	if (r == 0)
		r = server_start(server, &broker, certificate.bytes, key.bytes, error);
	if (r == 0)
		r = announce(options, server, issuer, error);
	if (r == 0)
		run_until_told(settings, &broker, &signals);
	server_stop(server);
	broker_done(&broker);
	return r < 0 ? r : 0;
}

int command_serve(const struct options *options, struct error *error)
{
	scoped(server_freep) struct server *server = NULL;
	struct settings settings;
	int r = settings_read(options->arguments[0], &settings, error);

	if (r == 0)
		r = server_listen(settings.listen, settings.tls_key[0] != '\0', &server,
				  error);
	if (r < 0)
		return r;
	server_trust_proxy(server, settings.trusted_proxy);
	return serve(options, &settings, server, error);
}
