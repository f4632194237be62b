/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/output.h"
#include "broker/commands.h"
#include "broker/settings.h"
#include "broker/template.h"

#define FALLBACK_PORT 8440

/* A port of the kernel's choice, so that two brokers on one machine do not meet. */
static int free_port(void)
{
	scoped(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		return FALLBACK_PORT;
	return ntohs(address.sin_port);
}

static const char *const made[] = { SETTINGS_FILE, "profiles.yaml", KEYS_FILE,
				    "broker.db" };

static int refuse_to_overwrite(const char *directory, struct error *error)
{
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		scoped(freep) char *path = path_join(directory, made[i], "");

		if (!path)
			return error_set(error, ERROR_INTERNAL, "out of memory");
		if (access(path, F_OK) == 0)
			return error_set(error, ERROR_USAGE, "%s is there already", path);
	}
	return 0;
}

static int write_file(const char *directory, const char *name, const char *text,
		      struct error *error)
{
	scoped(freep) char *path = path_join(directory, name, "");
	int r = path ? file_write(path, 0600, text, strlen(text)) : -ENOMEM;

	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "cannot write %s: %s", path,
				 strerror(-r));
	return 0;
}

static int choose_port(const char *directory, struct error *error)
{
	scoped(freep) char *path = path_join(directory, SETTINGS_FILE, "");
	char listen[32];
	const char *const names[] = { "listen" }, *const values[] = { listen };

	snprintf(listen, sizeof(listen), "127.0.0.1:%d", free_port());
	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return config_set(path, names, values, 1, error);
}

static int write_all(const char *directory, struct error *error)
{
	scoped(freep) char *keys_path = path_join(directory, KEYS_FILE, "");
	int r;

	if (!keys_path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	r = keys_make(keys_path, clock_wall_seconds(&clock_system), error);
	if (r == 0)
		r = write_file(directory, "profiles.yaml", template_profiles, error);
	if (r == 0)
		r = write_file(directory, SETTINGS_FILE, template_settings, error);
	return r < 0 ? r : choose_port(directory, error);
}

static int make_store(const char *directory, struct error *error)
{
	struct settings settings;
	struct store *store = NULL;
	int r = settings_read(directory, &settings, error);

	if (r == 0)
		r = settings_open_store(&settings, &store, error);
	store_free(store);
	return r;
}

int command_init(const struct options *options, struct error *error)
{
	const char *directory = options->arguments[0];
	int r = directory_make(directory, 0700);

	if (r < 0)
		return error_set(error, ERROR_USAGE,
				 "%s must be a directory of ours "
				 "that nobody else can enter: %s",
				 directory, strerror(-r));
	r = refuse_to_overwrite(directory, error);
	if (r == 0)
		r = write_all(directory, error);
	if (r == 0)
		r = make_store(directory, error);
	if (r < 0)
		return r;
	if (options->json)
		return output_json(json_pack("{s:s}", "directory", directory), error);
	printf("made %s: edit profiles.yaml and broker.conf in it, then run\n"
	       "  jit-broker check %s\n"
	       "  jit-broker serve %s\n",
	       directory, directory, directory);
	return 0;
}
