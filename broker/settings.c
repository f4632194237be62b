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
#include "broker/forwarded.h"
#include "broker/listen.h"

/* clang-format off */
static const struct config_key keys[] = {
	{ "listen",                  offsetof(struct settings, listen),                  "127.0.0.1:0" },
	{ "url",                     offsetof(struct settings, url),                     NULL },
	{ "store",                   offsetof(struct settings, store),                   "broker.db" },
	{ "profiles",                offsetof(struct settings, profiles),                "profiles.yaml" },
	{ "tls_certificate",         offsetof(struct settings, tls_certificate),         NULL },
	{ "tls_key",                 offsetof(struct settings, tls_key),                 NULL },
	{ "trusted_proxy",           offsetof(struct settings, trusted_proxy),           NULL },
	{ "sts_url",                 offsetof(struct settings, sts_url),                 NULL },
	{ "iam_url",                 offsetof(struct settings, iam_url),                 NULL },
	{ "dynamodb_url",            offsetof(struct settings, dynamodb_url),            NULL },
	{ "iam",                     offsetof(struct settings, iam),                     "off" },
	{ "probe",                   offsetof(struct settings, probe),                   "on" },
	{ "aws_credentials_process", offsetof(struct settings, aws_credentials_process), NULL },
	{ "aws_credentials_file",    offsetof(struct settings, aws_credentials_file),    NULL },
	{ "aws_profile",             offsetof(struct settings, aws_profile),             NULL },
	{ NULL,                      0,                                                  NULL },
};
/* clang-format on */

/* What is being checked, and where its mistakes go. */
struct checking {
	const char *path;
	struct findings *findings;
};

static int add_line(struct checking *checking, int line, const char *what,
		    const char *instead)
{
	return findings_add(checking->findings, true, (unsigned int)line, NULL, instead,
			    "%s", what);
}

static void add(struct checking *checking, const char *key, const char *what,
		const char *instead)
{
	add_line(checking, config_line(checking->path, key), what, instead);
}

static void on_mistake(void *data, int line, const char *what)
{
	add_line(data, line, what, NULL);
}

static void check_url(struct checking *checking, const char *name, const char *url)
{
	bool is_https = strncmp(url, "https://", 8) == 0;
	bool is_http = strncmp(url, "http://", 7) == 0;
	size_t length = strlen(url);
	char what[128];

	if (length == 0)
		return;
	if (!is_https && !(is_http && listen_url_is_loopback(url))) {
		snprintf(what, sizeof(what),
			 "%s begins with https:// (or http:// on loopback)", name);
		add(checking, name, what, "https://HOST");
	} else if (url[length - 1] == '/' || strpbrk(url, "?# \t")) {
		snprintf(what, sizeof(what),
			 "%s has no slash at its end, no query and no space", name);
		add(checking, name, what, "https://HOST/PATH");
	}
}

static void check_tls(struct checking *checking, const struct settings *settings)
{
	struct error error;
	bool has_key = settings->tls_key[0];

	if (has_key != !!settings->tls_certificate[0])
		add(checking, has_key ? "tls_key" : "tls_certificate",
		    "tls_certificate and tls_key go together", NULL);
	else if (listen_check(settings->listen, has_key, &error) < 0)
		add(checking, "listen", error.text, NULL);
}

bool settings_iam_is_on(const struct settings *settings)
{
	return strcmp(settings->iam, "on") == 0;
}

bool settings_probe_is_on(const struct settings *settings)
{
	return settings_iam_is_on(settings) && strcmp(settings->probe, "on") == 0;
}

static void check_iam(struct checking *checking, const struct settings *settings)
{
	if (!settings_iam_is_on(settings) && strcmp(settings->iam, "off") != 0)
		add(checking, "iam", "iam is on or off", "on");
	if (strcmp(settings->probe, "on") != 0 && strcmp(settings->probe, "off") != 0)
		add(checking, "probe", "probe is on or off", "on");
	if (settings->aws_credentials_process[0] && settings->aws_credentials_file[0])
		add(checking, "aws_credentials_process",
		    "aws_credentials_process and aws_credentials_file exclude each other",
		    NULL);
	if (settings->aws_profile[0] && !settings->aws_credentials_file[0])
		add(checking, "aws_profile", "aws_profile goes with aws_credentials_file",
		    NULL);
}

static void check(struct checking *checking, const struct settings *settings)
{
	check_url(checking, "url", settings->url);
	check_url(checking, "sts_url", settings->sts_url);
	check_url(checking, "iam_url", settings->iam_url);
	check_url(checking, "dynamodb_url", settings->dynamodb_url);
	check_tls(checking, settings);
	check_iam(checking, settings);
	if (settings->trusted_proxy[0] && !forwarded_is_address(settings->trusted_proxy))
		add(checking, "trusted_proxy",
		    "trusted_proxy is the IP address that the proxy calls from",
		    "127.0.0.1");
	if (strstr(settings->store, "://"))
		add(checking, "store", "store is the path of a SQLite file", "broker.db");
}

static int check_readable(const char *directory, const char *path, struct error *error)
{
	int r;

	if (access(path, R_OK) == 0)
		return 0;
	r = error_set(error, ERROR_USAGE, "cannot read %s: %s", path, strerror(errno));
	if (errno == ENOENT)
		error_next(error, "jit-broker init %s", directory);
	return r;
}

int settings_check(const char *directory, struct settings *settings,
		   struct findings *findings, struct error *error)
{
	scoped(freep) char *path = path_join(directory, SETTINGS_FILE, "");
	struct checking checking = { path, findings };
	const struct config_audience audience = { on_mistake, &checking };
	int r;

	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (strlen(directory) >= sizeof(settings->directory))
		return error_set(error, ERROR_USAGE, "the directory's name is too long");
	r = check_readable(directory, path, error);
	if (r == 0)
		r = config_check(path, keys, settings, &audience, error);
	if (r < 0)
		return r;
	snprintf(settings->directory, sizeof(settings->directory), "%s", directory);
	check(&checking, settings);
	findings_sort(findings);
	return 0;
}

int settings_read(const char *directory, struct settings *settings, struct error *error)
{
	scoped(findings_done) struct findings findings = { .count = 0 };
	int r = settings_check(directory, settings, &findings, error);

	if (r < 0 || !findings_have_error(&findings))
		return r;
	if (findings.count == 0)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return error_set(error, ERROR_USAGE, "%s/" SETTINGS_FILE ":%u: %s", directory,
			 findings.list[0].line, findings.list[0].message);
}

char *settings_path(const struct settings *settings, const char *value)
{
	return value[0] == '/' ? strdup(value)
			       : path_join(settings->directory, value, "");
}

int settings_load_profiles(const struct settings *settings, struct profiles **profiles,
			   struct findings *findings, struct error *error)
{
	scoped(freep) char *path = settings_path(settings, settings->profiles);

	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return profiles_load(path, profiles, findings, error);
}
