/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/broker-call.h"
#include "agent/enrolment-files.h"
#include "agent/lifecycle.h"
#include "agent/method.h"
#include "agent/unlock.h"
#include "base/cleanup.h"
#include "base/log.h"

#define DEFAULT_KEYSTORE "secret-service"
#define KEYRING_DEADLINE_MSEC 60000
#define ENROLL_DEADLINE_MSEC 10000

/*
 * Enroll: new keys, the broker's word for them, then the keystore and the files.
 * What fails or is killed leaves the former enrolment as it was.  The keystore is
 * tried first, so that one that is locked does not cost the code; a key that is
 * there is used again, since what it sealed would be lost with it.
 */
struct enrolment {
	struct agent *agent;
	struct call *call;
	struct settings settings; /* as they will be */
	char *code;
	const struct keystore_traits *traits;
	struct secret *passphrase; /* NULL where none is needed */
	struct secret *master;
	bool is_kept; /* the keystore has that master key already */
	struct secret *device;
	unsigned char public_key[SIGNATURE_PUBLIC_KEY_SIZE];
	struct worker_job *keyring;
	struct broker_job *broker;
};

static void enrolment_free(struct enrolment *enrolment)
{
	if (!enrolment)
		return;
	if (enrolment->code)
		explicit_bzero(enrolment->code, strlen(enrolment->code));
	free(enrolment->code);
	secret_free(enrolment->passphrase);
	secret_free(enrolment->master);
	secret_free(enrolment->device);
	free(enrolment);
}

static void enrolment_freep(struct enrolment **enrolment)
{
	enrolment_free(*enrolment);
}

static void fail(struct enrolment *enrolment, const struct error *error)
{
	enrolment->agent->enrolment = NULL;
	enrolment_files_discard(enrolment->agent);
	call_fail(enrolment->call, error);
	enrolment_free(enrolment);
}

static int write_files(struct enrolment *enrolment, struct error *error)
{
	struct agent *agent = enrolment->agent;
	int r = keys_device_save(agent->state_path, enrolment->master, enrolment->device,
				 error);

	return r < 0 ? r : enrolment_files_put(agent, &enrolment->settings, error);
}

static void finish(struct enrolment *enrolment)
{
	struct agent *agent = enrolment->agent;
	struct error error;

	if (write_files(enrolment, &error) < 0) {
		fail(enrolment, &error);
		return;
	}
	agent->enrolment = NULL;
	sync_stop(agent);
	lifecycle_forget_all(agent);
	if (enrolment_files_settle(agent, &enrolment->settings, &error) < 0)
		log_warning("%s; the next start tries again", error.text);
	agent->settings = enrolment->settings;
	agent->sync.is_reachable = true;
	unlock_use(agent, take(enrolment->master), take(enrolment->device));
	log_info("enrolled with %s as %s", agent->settings.broker, agent->settings.user);
	call_reply(enrolment->call, json_pack("{s:s, s:s}", "user", agent->settings.user,
					      "keystore", agent->settings.keystore));
	enrolment_free(enrolment);
}

static int start_keyring(struct enrolment *enrolment, const char *verb, worker_done *done,
			 struct error *error)
{
	bool is_store = strcmp(verb, "store") == 0;
	struct secret *passphrase = enrolment->passphrase;
	struct worker_order order = {
		.program = LAUNCHER_KEYRING,
		.job = json_pack(
		    "{s:s, s:s, s:s, s:I}", "job", verb, "keystore",
		    enrolment->settings.keystore, "state", enrolment->agent->state_path,
		    "passphrase",
		    (json_int_t)(passphrase ? secret_length(passphrase) : 0)),
		.deadline_msec = KEYRING_DEADLINE_MSEC,
		.done = done,
		.data = enrolment,
	};

	order.secrets[0] = passphrase ? passphrase
				      : (is_store ? enrolment->master : NULL);
	if (passphrase && is_store)
		order.secrets[1] = enrolment->master;
	return workers_start(&enrolment->agent->workers, &order, &enrolment->keyring,
			     error);
}

static void on_stored(void *data, const struct worker_result *result)
{
	struct enrolment *enrolment = data;

	enrolment->keyring = NULL;
	if (result->error.kind != ERROR_NONE)
		fail(enrolment, &result->error);
	else
		finish(enrolment);
}

static bool must_store(const struct enrolment *enrolment)
{
	return enrolment->traits->needs_worker && !enrolment->is_kept;
}

static int take_user(struct enrolment *enrolment, const struct broker_answer *answer,
		     struct error *error)
{
	const char *user = NULL;

	if (answer->error.kind != ERROR_NONE) {
		*error = answer->error;
		return -EIO;
	}
	if (json_unpack(answer->body, "{s:s}", "user", &user) < 0 || !text_is_name(user))
		return error_set(error, ERROR_INTERNAL,
				 "the broker's answer makes no sense: the user's name");
	snprintf(enrolment->settings.user, sizeof(enrolment->settings.user), "%s", user);
	return must_store(enrolment) ? start_keyring(enrolment, "store", on_stored, error)
				     : 0;
}

static void on_enrolled(void *data, const struct broker_answer *answer)
{
	struct enrolment *enrolment = data;
	struct error error = { ERROR_NONE };

	enrolment->broker = NULL;
	if (take_user(enrolment, answer, &error) < 0)
		fail(enrolment, &error);
	else if (!enrolment->keyring)
		finish(enrolment);
}

static int ask_broker(struct enrolment *enrolment, struct error *error)
{
	const struct broker_identity identity = { enrolment->settings.broker,
						  enrolment->settings.ca_file,
						  enrolment->device };
	char key[sodium_base64_ENCODED_LEN(SIGNATURE_PUBLIC_KEY_SIZE,
					   sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
	struct broker_call call = {
		.method = "POST",
		.path = "/v1/enroll",
		.deadline_msec = ENROLL_DEADLINE_MSEC,
		.identity = &identity,
		.done = on_enrolled,
		.data = enrolment,
	};

	sodium_bin2base64(key, sizeof(key), enrolment->public_key,
			  sizeof(enrolment->public_key),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	call.body = json_pack("{s:s, s:s}", "code", enrolment->code, "public_key", key);
	return broker_call_start(enrolment->agent, &call, &enrolment->broker, error);
}

/* A keystore that answers "no such key" is as good as one that has a key. */
static int take_probe(struct enrolment *enrolment, const struct worker_result *result,
		      struct error *error)
{
	if (result->error.kind == ERROR_NOT_FOUND)
		return 0;
	if (result->error.kind != ERROR_NONE) {
		*error = result->error;
		return -EIO;
	}
	if (result->length != KEYSTORE_KEY_SIZE)
		return error_set(error, ERROR_INTERNAL, "the keystore holds no key");
	secret_free(enrolment->master);
	/* The worker's bytes are wiped with its answer. */
	enrolment->master = secret_take((void *)(uintptr_t)result->payload,
					result->length);
	enrolment->is_kept = true;
	return enrolment->master ? 0 : error_set(error, ERROR_INTERNAL, "out of memory");
}

static void on_probed(void *data, const struct worker_result *result)
{
	struct enrolment *enrolment = data;
	struct error error = { ERROR_NONE };

	enrolment->keyring = NULL;
	if (take_probe(enrolment, result, &error) < 0 ||
	    ask_broker(enrolment, &error) < 0)
		fail(enrolment, &error);
}

/* Takes the call's parameters, checked. */
static int read_parameters(struct enrolment *enrolment, json_t *parameters,
			   struct error *error)
{
	const char *keystore = method_string(parameters, "keystore");
	const char *ca_file = method_string(parameters, "ca_file");
	struct settings *settings = &enrolment->settings;

	if (!keystore)
		keystore = settings->keystore[0] ? settings->keystore : DEFAULT_KEYSTORE;
	enrolment->traits = keystore_traits_need(keystore, error);
	if (!enrolment->traits)
		return -EINVAL;
	snprintf(settings->keystore, sizeof(settings->keystore), "%s",
		 enrolment->traits->name);
	if (!config_fits("broker", method_string(parameters, "broker")) ||
	    (ca_file && (ca_file[0] != '/' || !config_fits("ca_file", ca_file))))
		return error_set(error, ERROR_USAGE,
				 "the broker's address or ca_file is too long for a line "
				 "of agent.conf, or ca_file is no absolute path");
	if (ca_file)
		snprintf(settings->ca_file, sizeof(settings->ca_file), "%s", ca_file);
	snprintf(settings->broker, sizeof(settings->broker), "%s",
		 method_string(parameters, "broker"));
	return settings_check_url("broker", settings->broker, error);
}

static int take_secrets(struct enrolment *enrolment, json_t *parameters,
			struct error *error)
{
	const char *passphrase = method_string(parameters, "passphrase");
	scoped(freep) char *copy = NULL;

	if (enrolment->traits->needs_passphrase != (passphrase && *passphrase))
		return error_set(error, ERROR_USAGE,
				 enrolment->traits->needs_passphrase
				     ? "the passphrase keystore needs a passphrase"
				     : "only the passphrase keystore takes a passphrase");
	enrolment->code = strdup(method_string(parameters, "code"));
	copy = passphrase ? strdup(passphrase) : NULL;
	if (copy)
		enrolment->passphrase = secret_take(copy, strlen(copy));
	enrolment->device = keys_make_device(enrolment->public_key);
	if (!enrolment->code || !enrolment->device ||
	    (passphrase && !enrolment->passphrase))
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return 0;
}

/*
 * The master key in force stays where the keystore stays, so that nothing that
 * it sealed is lost should a later step fail.
 */
static int choose_master(struct enrolment *enrolment, struct error *error)
{
	struct agent *agent = enrolment->agent;
	bool stays = agent->keys.master &&
		     strcmp(enrolment->settings.keystore, agent->settings.keystore) == 0;

	if (stays) {
		scoped(secret_concealp) struct secret *open = agent->keys.master;
		unsigned char copy[KEYSTORE_KEY_SIZE];

		memcpy(copy, secret_reveal(open), sizeof(copy));
		enrolment->master = secret_take(copy, sizeof(copy));
	} else {
		enrolment->master = secret_random(KEYSTORE_KEY_SIZE);
	}
	return enrolment->master ? 0 : error_set(error, ERROR_INTERNAL, "out of memory");
}

int method_enroll(struct agent *agent, struct call *call, json_t *parameters,
		  struct error *error)
{
	scoped(enrolment_freep) struct enrolment *enrolment = NULL;
	int r;

	if (agent->enrolment || agent->unlocking)
		return error_set(error, ERROR_LIMIT,
				 "the agent is being enrolled or unlocked already");
	enrolment = calloc(1, sizeof(*enrolment));
	if (!enrolment)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	enrolment->agent = agent;
	enrolment->call = call;
	r = enrolment_files_recover(agent, error);
	/* What somebody wrote into the file since the start counts from here on. */
	if (r == 0)
		r = settings_read(agent->config_path, &enrolment->settings, error);
	if (r == 0)
		r = read_parameters(enrolment, parameters, error);
	if (r == 0)
		r = take_secrets(enrolment, parameters, error);
	if (r == 0)
		r = choose_master(enrolment, error);
	if (r == 0 && enrolment->traits->needs_worker &&
	    !enrolment->traits->needs_passphrase)
		r = start_keyring(enrolment, "load", on_probed, error);
	else if (r == 0)
		r = ask_broker(enrolment, error);
	if (r == 0)
		agent->enrolment = take(enrolment);
	return r;
}
