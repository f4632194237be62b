/* SPDX-License-Identifier: MIT */
#ifndef BROKER_SETTINGS_H
#define BROKER_SETTINGS_H

#include <stdbool.h>

#include "base/config.h"
#include "broker/findings.h"
#include "broker/keys.h"
#include "broker/profiles.h"
#include "broker/store.h"

/*
 * The broker's directory: broker.conf and what it names.  Paths in it
 * are taken from the directory.
 */
#define SETTINGS_FILE "broker.conf"
#define KEYS_FILE "signing-keys.json"

struct settings {
	char directory[CONFIG_VALUE_MAX];
	/* From broker.conf. */
	char listen[CONFIG_VALUE_MAX];
	char url[CONFIG_VALUE_MAX]; /* "" : where it listens */
	char store[CONFIG_VALUE_MAX];
	char profiles[CONFIG_VALUE_MAX];
	char tls_certificate[CONFIG_VALUE_MAX];
	char tls_key[CONFIG_VALUE_MAX];
	char trusted_proxy[CONFIG_VALUE_MAX]; /* an address; "": none */
	char sts_url[CONFIG_VALUE_MAX];
	char iam_url[CONFIG_VALUE_MAX];
	char dynamodb_url[CONFIG_VALUE_MAX];
	char iam[CONFIG_VALUE_MAX];   /* "on" or "off" */
	char probe[CONFIG_VALUE_MAX]; /* "on" or "off" */
	/* The broker's own AWS keys; all "": from the environment. */
	char aws_credentials_process[CONFIG_VALUE_MAX];
	char aws_credentials_file[CONFIG_VALUE_MAX];
	char aws_profile[CONFIG_VALUE_MAX];
};

/* Whether the broker writes to IAM; and looks whether AWS holds to it. */
bool settings_iam_is_on(const struct settings *settings);
bool settings_probe_is_on(const struct settings *settings);

/*
 * Reads DIR/broker.conf and adds what is wrong in it to findings, all of it;
 * what is wrong has its initial value in settings then.  0, or error_set() where
 * it can't be read.
 */
int settings_check(const char *directory, struct settings *settings,
		   struct findings *findings, struct error *error);

/* The same where the first mistake is an error with file and line. */
int settings_read(const char *directory, struct settings *settings, struct error *error);

/* DIR/VALUE, or VALUE if it is absolute; the caller frees it.  NULL: no memory. */
char *settings_path(const struct settings *settings, const char *value);

/* What the settings name, opened; each the caller's.  0 or error_set(). */
int settings_open_store(const struct settings *settings, struct store **store,
			struct error *error);
int settings_open_keys(const struct settings *settings, struct keys **opened,
		       struct error *error);
int settings_load_profiles(const struct settings *settings, struct profiles **profiles,
			   struct findings *findings, struct error *error);

#endif
