/* SPDX-License-Identifier: MIT */
#include "broker/broker.h"

#include "broker/approvals.h"
#include "broker/ends-grant.h"
#include "broker/enforcer.h"
#include "broker/iam-account.h"
#include "broker/provision-session.h"
#include "broker/store-proofs.h"

static void on_change(void *data, const char *user, int64_t changed)
{
	hub_publish(data, user, changed);
}

int broker_init(struct broker *broker, const char *issuer, const struct clock *clock,
		struct store *store, struct keys *keys, struct profiles *profiles,
		struct error *error)
{
	*broker = (struct broker){
		.issuer = issuer,
		.clock = clock,
		.store = store,
		.keys = keys,
		.hub = hub_new(),
		.nonces = nonces_new(),
		.refusals = refusals_new(),
		.profiles = profiles,
	};
	pthread_mutex_init(&broker->profiles_lock, NULL);
	if (!broker->hub || !broker->nonces || !broker->refusals) {
		broker_done(broker);
		return error_set(error, ERROR_INTERNAL, "out of memory");
	}
	store_listen(store, on_change, broker->hub);
	return 0;
}

struct marking {
	bool proves;
	int64_t now_seconds;
};

static int mark_proofs(struct transaction *transaction, void *data, struct error *error)
{
	const struct marking *marking = data;

	return store_proof_mark(transaction, marking->proves, marking->now_seconds,
				error);
}

int broker_enforce(struct broker *broker, struct iam_access *access, struct error *error)
{
	int64_t now = clock_wall_seconds(broker->clock);
	int r = ends_adopt(broker->store, broker->profiles, now, error);

	if (r >= 0)
		r = provision_look_everywhere(broker->store, broker->profiles, now,
					      error);
	if (r >= 0)
		r = store_write(broker->store, mark_proofs,
				&(struct marking){ access->proves, now }, error);
	if (r < 0)
		return r;
	broker->enforcer = enforcer_new(access, broker);
	return broker->enforcer ? 0 : error_set(error, ERROR_INTERNAL, "out of memory");
}

void broker_done(struct broker *broker)
{
	enforcer_free(broker->enforcer);
	store_free(broker->store);
	keys_free(broker->keys);
	hub_free(broker->hub);
	nonces_free(broker->nonces);
	refusals_free(broker->refusals);
	profiles_unref(broker->profiles);
	pthread_mutex_destroy(&broker->profiles_lock);
}

struct profiles *broker_profiles(struct broker *broker)
{
	struct profiles *profiles;

	pthread_mutex_lock(&broker->profiles_lock);
	profiles = profiles_ref(broker->profiles);
	pthread_mutex_unlock(&broker->profiles_lock);
	return profiles;
}

void broker_set_profiles(struct broker *broker, struct profiles *profiles)
{
	struct profiles *old;

	pthread_mutex_lock(&broker->profiles_lock);
	old = broker->profiles;
	broker->profiles = profiles;
	pthread_mutex_unlock(&broker->profiles_lock);
	profiles_unref(old);
}

struct sweeping {
	struct acting acting;
	bool is_whole_minute;
};

/* Rules speak of hours and minutes, so they are asked again once a minute. */
static int sweep(struct transaction *transaction, void *data, struct error *error)
{
	struct sweeping *sweeping = data;
	int r = approvals_sweep(transaction, &sweeping->acting, sweeping->is_whole_minute,
				error);

	if (r >= 0 && sweeping->is_whole_minute)
		r = store_forget(transaction, sweeping->acting.now_seconds, error);
	return r;
}

/* A row that cannot be read here keeps no Deny from AWS. */
static int tick_enforcer(struct broker *broker, int swept, struct error *error)
{
	int r = 0;

	if (broker->enforcer)
		r = enforcer_tick(broker->enforcer, swept < 0 ? NULL : error);
	return swept < 0 ? swept : r;
}

int broker_tick(struct broker *broker, struct error *error)
{
	struct profiles *profiles = broker_profiles(broker);
	int64_t now = clock_wall_seconds(broker->clock);
	struct sweeping sweeping = {
		.acting = { .profiles = profiles, .now_seconds = now },
		.is_whole_minute = now / 60 != broker->judged_minute,
	};
	int r;

	hub_tick(broker->hub);
	r = store_write(broker->store, sweep, &sweeping, error);
	profiles_unref(profiles);
	if (r >= 0)
		broker->judged_minute = now / 60;
	return tick_enforcer(broker, r, error);
}
