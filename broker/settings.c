/* SPDX-License-Identifier: MIT */
#include "broker/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "broker/listen.h"

/* clang-format off */
static const struct config_key keys[] = {
	{ "listen",          offsetof(struct settings, listen),          "127.0.0.1:0" },
	{ "url",             offsetof(struct settings, url),             NULL },
	{ "store",           offsetof(struct settings, store),           "broker.db" },
	{ "profiles",        offsetof(struct settings, profiles),        "profiles.yaml" },
	{ "tls_certificate", offsetof(struct settings, tls_certificate), NULL },
	{ "tls_key",         offsetof(struct settings, tls_key),         NULL },
	{ "sts_url",         offsetof(struct settings, sts_url),         NULL },
	{ "iam_url",         offsetof(struct settings, iam_url),         NULL },
	{ NULL,              0,                                          NULL },
};
/* clang-format on */

static int check_url(const char *path, const char *name, const char *url,
		     struct error *error)
{
	bool is_https = strncmp(url, "https://", 8) == 0;
	bool is_http = strncmp(url, "http://", 7) == 0;
	size_t length = strlen(url);

	if (length == 0)
		return 0;
	if (!is_https && !(is_http && listen_url_is_loopback(url)))
		return error_set(error, ERROR_USAGE,
				 "%s: %s begins with https:// (or http:// on loopback)",
				 path, name);
	if (url[length - 1] == '/' || strpbrk(url, "?# \t"))
		return error_set(error, ERROR_USAGE,
				 "%s: %s has no slash at its end, no query, no space",
				 path, name);
	return 0;
}

static int check(const struct settings *settings, const char *path, struct error *error)
{
	int r = check_url(path, "url", settings->url, error);

	if (r == 0)
		r = check_url(path, "sts_url", settings->sts_url, error);
	if (r == 0)
		r = check_url(path, "iam_url", settings->iam_url, error);
	if (r < 0)
		return r;
	if (!settings->tls_certificate[0] != !settings->tls_key[0])
		return error_set(error, ERROR_USAGE,
				 "%s: tls_certificate and tls_key go together", path);
	if (strstr(settings->store, "://"))
		return error_set(error, ERROR_USAGE,
				 "%s: store is the path of a SQLite file", path);
	return 0;
}

int settings_read(const char *directory, struct settings *settings, struct error *error)
{
	scoped(freep) char *path = path_join(directory, SETTINGS_FILE, "");
	int r;

	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (strlen(directory) >= sizeof(settings->directory))
		return error_set(error, ERROR_USAGE, "the directory's name is too long");
	if (access(path, R_OK) < 0) {
		r = error_set(error, ERROR_USAGE, "cannot read %s: %s", path,
			      strerror(errno));
		if (errno == ENOENT)
			error_next(error, "jit-broker init %s", directory);
		return r;
	}
	r = config_read(path, keys, settings, error);
	if (r < 0)
		return r;
	snprintf(settings->directory, sizeof(settings->directory), "%s", directory);
	return check(settings, path, error);
}

char *settings_path(const struct settings *settings, const char *value)
{
	return value[0] == '/' ? strdup(value)
			       : path_join(settings->directory, value, "");
}

int settings_open_store(const struct settings *settings, struct store **store,
			struct error *error)
{
	scoped(freep) char *path = settings_path(settings, settings->store);

	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return store_open(path, store, error);
}

int settings_open_keys(const struct settings *settings, struct keys **opened,
		       struct error *error)
{
	scoped(freep) char *path = settings_path(settings, KEYS_FILE);

	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return keys_open(path, opened, error);
}

int settings_load_profiles(const struct settings *settings, struct profiles **profiles,
			   struct findings *findings, struct error *error)
{
	scoped(freep) char *path = settings_path(settings, settings->profiles);

	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return profiles_load(path, profiles, findings, error);
}
