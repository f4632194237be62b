/* SPDX-License-Identifier: MIT */
#include "agent/enrolment-files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/session-file.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"

#define PROMISE_FILE "enrolment"

/* Writes the lines of an enrolment into a file, which keeps its others. */
static int write_lines(const char *path, const struct settings *settings,
		       struct error *error)
{
	static const char *const names[] = { "broker", "user", "keystore", "ca_file" };
	const char *const values[] = { settings->broker, settings->user,
				       settings->keystore,
				       *settings->ca_file ? settings->ca_file : NULL };

	return config_set(path, names, values, 4, error);
}

/* So that what was begun is finished on a full disk too. */
static bool has_lines(const char *path, const struct settings *settings)
{
	struct settings now;

	return settings_read(path, &now, NULL) == 0 &&
	       strcmp(now.broker, settings->broker) == 0 &&
	       strcmp(now.user, settings->user) == 0 &&
	       strcmp(now.keystore, settings->keystore) == 0 &&
	       strcmp(now.ca_file, settings->ca_file) == 0;
}

static int write_config(const char *path, const struct settings *settings,
			struct error *error)
{
	scoped(freep) char *directory = strdup(path);
	char *slash = directory ? strrchr(directory, '/') : NULL;
	int r;

	if (has_lines(path, settings))
		return 0;
	if (!slash)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	*slash = '\0';
	r = directory_make(directory, 0755);
	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "cannot make %s: %s", directory,
				 strerror(-r));
	return write_lines(path, settings, error);
}

static int remove_in(const char *directory, const char *name)
{
	scoped(freep) char *path = path_join(directory, name, "");

	return path ? file_remove(path) : -ENOMEM;
}

/* Also where that was done before. */
static int replace_in(const char *directory, const char *next, const char *name,
		      struct error *error)
{
	scoped(freep) char *from = path_join(directory, next, "");
	scoped(freep) char *to = path_join(directory, name, "");
	int r = from && to ? file_rename(from, to) : -ENOMEM;

	if (r < 0 && r != -ENOENT)
		return error_set(error, ERROR_INTERNAL, "cannot rename %s/%s: %s",
				 directory, next, strerror(-r));
	return 0;
}

static int replace_keys(const char *state_path, const struct settings *settings,
			struct error *error)
{
	const struct keystore_traits *traits = keystore_traits_find(settings->keystore);
	int r = 0;

	if (traits && traits->needs_passphrase)
		r = replace_in(state_path, KEYSTORE_FILE_NEXT, KEYSTORE_FILE, error);
	else
		(void)remove_in(state_path, KEYSTORE_FILE_NEXT); /* of none that counts */
	if (r == 0)
		r = replace_in(state_path, KEYS_DEVICE_NEXT, KEYS_DEVICE_FILE, error);
	return r;
}

void enrolment_files_discard(const struct agent *agent)
{
	/* The promise first: without it the keys count for nothing. */
	(void)remove_in(agent->state_path, PROMISE_FILE);
	(void)remove_in(agent->state_path, KEYS_DEVICE_NEXT);
	(void)remove_in(agent->state_path, KEYSTORE_FILE_NEXT);
}

int enrolment_files_put(const struct agent *agent, const struct settings *settings,
			struct error *error)
{
	scoped(freep) char *promise = path_join(agent->state_path, PROMISE_FILE, "");
	int r = promise ? write_lines(promise, settings, error)
			: error_set(error, ERROR_INTERNAL, "out of memory");

	if (r == 0)
		r = write_config(agent->config_path, settings, error);
	if (r < 0)
		enrolment_files_discard(agent);
	return r;
}

int enrolment_files_settle(const struct agent *agent, const struct settings *settings,
			   struct error *error)
{
	int r = replace_keys(agent->state_path, settings, error);

	if (r < 0)
		return r;
	r = remove_in(agent->state_path, PROMISE_FILE);
	if (r < 0)
		log_warning("cannot remove %s/%s: %s", agent->state_path, PROMISE_FILE,
			    strerror(-r));
	return 0;
}

static void destroy_session(void *data, const char *id, const char *path)
{
	const struct agent *agent = data;

	(void)path;
	session_file_destroy(agent->runtime_path, id);
}

static int finish(const struct agent *agent, const struct settings *settings,
		  struct error *error)
{
	struct error why;

	file_clear(agent->config_path);
	if (write_config(agent->config_path, settings, &why) < 0) {
		log_warning("the new enrolment is given up: %s", why.text);
		enrolment_files_discard(agent);
		return 0;
	}
	session_file_each(agent->runtime_path, destroy_session, (void *)(uintptr_t)agent);
	return enrolment_files_settle(agent, settings, error);
}

int enrolment_files_recover(const struct agent *agent, struct error *error)
{
	scoped(freep) char *promise = path_join(agent->state_path, PROMISE_FILE, "");
	struct settings settings;

	if (!promise)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (access(promise, F_OK) < 0) {
		enrolment_files_discard(agent);
		return 0;
	}
	if (settings_read(promise, &settings, error) < 0)
		return -EINVAL;
	return finish(agent, &settings, error);
}
