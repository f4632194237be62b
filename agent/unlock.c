/* SPDX-License-Identifier: MIT */
#include "agent/unlock.h"

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/lifecycle.h"
#include "agent/method.h"

struct unlocking {
	struct agent *agent;
	struct worker_job *job;
	unlock_done *done;
	void *data;
};

void unlock_use(struct agent *agent, struct secret *master, struct secret *device)
{
	keys_set(&agent->keys, master, device);
	lifecycle_unlock(agent);
	sync_restart(agent);
}

static int open_device(struct agent *agent, const struct worker_result *result,
		       struct error *error)
{
	scoped(secret_freep) struct secret *master = NULL;
	struct secret *device = NULL;
	int r;

	if (result->length != KEYSTORE_KEY_SIZE)
		return error_set(error, ERROR_INTERNAL, "the keystore holds no key");
	/* The worker's bytes are wiped with its answer. */
	master = secret_take((void *)(uintptr_t)result->payload, result->length);
	if (!master)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	r = keys_device_load(agent->state_path, master, &device, error);
	if (r < 0) {
		error_next(error, "jitctl enroll --broker URL --code CODE");
		return r;
	}
	unlock_use(agent, take(master), device);
	return 0;
}

static void on_loaded(void *data, const struct worker_result *result)
{
	struct unlocking *unlocking = data;
	struct agent *agent = unlocking->agent;
	struct error error = result->error;

	agent->unlocking = NULL;
	if (error.kind == ERROR_NONE)
		open_device(agent, result, &error);
	unlocking->done(unlocking->data, &error);
	free(unlocking);
}

static int start(struct agent *agent, struct secret *passphrase, int64_t deadline_msec,
		 struct unlocking *unlocking, struct error *error)
{
	struct worker_order order = {
		.program = LAUNCHER_KEYRING,
		.job = json_pack(
		    "{s:s, s:s, s:s, s:I}", "job", "load", "keystore",
		    agent->settings.keystore, "state", agent->state_path, "passphrase",
		    (json_int_t)(passphrase ? secret_length(passphrase) : 0)),
		.secrets = { passphrase },
		.deadline_msec = deadline_msec,
		.done = on_loaded,
		.data = unlocking,
	};

	return workers_start(&agent->workers, &order, &unlocking->job, error);
}

/* The newer one has the passphrase, or the person who waits; the older one is told. */
static void give_up_former(struct agent *agent)
{
	struct unlocking *former = take(agent->unlocking);
	struct error error;

	if (!former)
		return;
	workers_cancel(&agent->workers, former->job);
	error_set(&error, ERROR_LOCKED, "another unlock has begun");
	former->done(former->data, &error);
	free(former);
}

int unlock_start(struct agent *agent, struct secret *passphrase, int64_t deadline_msec,
		 unlock_done *done, void *data, struct error *error)
{
	scoped(secret_freep) struct secret *owned = passphrase;
	const struct keystore_traits *traits = keystore_traits_find(
	    agent->settings.keystore);
	scoped(freep) struct unlocking *unlocking = NULL;
	int r;

	if (!traits || !traits->needs_worker)
		return agent_check_enrolled(agent, error);
	if (traits->needs_passphrase && !owned) {
		r = error_set(error, ERROR_LOCKED, "the agent is locked");
		error_next(error, "jitctl unlock");
		return r;
	}
	unlocking = calloc(1, sizeof(*unlocking));
	if (!unlocking)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	*unlocking = (struct unlocking){ agent, NULL, done, data };
	r = start(agent, traits->needs_passphrase ? owned : NULL, deadline_msec,
		  unlocking, error);
	if (r < 0)
		return r;
	give_up_former(agent);
	agent->unlocking = take(unlocking); /* on_loaded() frees it */
	return 0;
}

int unlock_undo(struct agent *agent, struct error *error)
{
	const struct keystore_traits *traits = keystore_traits_find(
	    agent->settings.keystore);

	if (traits && !traits->survives) {
		int r = error_set(error, ERROR_USAGE,
				  "the memory keystore cannot be unlocked again; end "
				  "the sessions instead");

		error_next(error, "jitctl end --all");
		return r;
	}
	sync_stop(agent);
	/* First, so that what a peer asks next, in the same breath, finds it locked. */
	keys_set(&agent->keys, NULL, NULL);
	lifecycle_lock(agent);
	return 0;
}

int method_lock(struct agent *agent, struct call *call, json_t *parameters,
		struct error *error)
{
	int r = unlock_undo(agent, error);

	(void)parameters;
	if (r == 0)
		call_reply(call, json_object());
	return r;
}

static void on_unlocked(void *data, const struct error *error)
{
	if (error->kind == ERROR_NONE)
		call_reply(data, json_object());
	else
		call_fail(data, error);
}

/* The JSON string is wiped with its block; see json_init_wiping(). */
static struct secret *secret_of(const char *text)
{
	scoped(freep) char *copy = text ? strdup(text) : NULL;

	return copy ? secret_take(copy, strlen(copy)) : NULL;
}

int method_unlock(struct agent *agent, struct call *call, json_t *parameters,
		  struct error *error)
{
	if (agent->keys.master) {
		call_reply(call, json_object());
		return 0;
	}
	return unlock_start(agent, secret_of(method_string(parameters, "passphrase")),
			    UNLOCK_DEADLINE_MSEC, on_unlocked, call, error);
}
