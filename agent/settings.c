/* SPDX-License-Identifier: MIT */
#include "agent/settings.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "keystore/keystore.h"

/* clang-format off */
static const struct config_key keys[] = {
	{ "broker",   offsetof(struct settings, broker),   NULL },
	{ "user",     offsetof(struct settings, user),     NULL },
	{ "keystore", offsetof(struct settings, keystore), NULL },
	{ "ca_file",  offsetof(struct settings, ca_file),  NULL },
	{ "sts_url",  offsetof(struct settings, sts_url),  NULL },
	{ .name = NULL },
};
/* clang-format on */

static bool is_loopback(const char *host)
{
	static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i]);

		if (strncmp(host, names[i], length) == 0 &&
		    strchr(":/", host[length])) /* the NUL too */
			return true;
	}
	return false;
}

int settings_check_url(const char *what, char *url, struct error *error)
{
	bool is_secure = strncmp(url, "https://", 8) == 0;
	bool is_plain = strncmp(url, "http://", 7) == 0;
	const char *host = url + (is_secure ? 8 : 7);
	size_t length = strlen(url);

	while (length > 0 && url[length - 1] == '/')
		url[--length] = '\0';
	if (!is_secure && !(is_plain && is_loopback(host)))
		return error_set(error, ERROR_USAGE,
				 "the %s's address must start with https:// (or "
				 "http:// on loopback), not '%s'",
				 what, TEXT_ESCAPED(url));
	if (length <= (size_t)(host - url) || strpbrk(host, "?#@ \t\r\n\"\\"))
		return error_set(error, ERROR_USAGE, "'%s' is no address of a %s",
				 TEXT_ESCAPED(url), what);
	return 0;
}

/* Puts the file and the line of key before what is wrong with its value. */
static int name_line(const char *path, const char *key, int r, struct error *error)
{
	struct error said = { .kind = ERROR_USAGE };

	if (r == 0 || !error)
		return r;
	said = *error;
	return error_set(error, said.kind, "%s:%d: %s", path, config_line(path, key),
			 said.text);
}

int settings_read(const char *path, struct settings *settings, struct error *error)
{
	struct settings result;
	int r = config_read(path, keys, &result, error);

	if (r < 0)
		return r;
	if (result.broker[0])
		r = name_line(path, "broker",
			      settings_check_url("broker", result.broker, error), error);
	if (r == 0 && result.sts_url[0])
		r = name_line(path, "sts_url",
			      settings_check_url("STS", result.sts_url, error), error);
	if (r == 0 && result.keystore[0] && !keystore_traits_need(result.keystore, error))
		r = name_line(path, "keystore", -EINVAL, error);
	if (r == 0)
		*settings = result;
	return r;
}
