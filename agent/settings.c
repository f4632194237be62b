/* SPDX-License-Identifier: MIT */
#include "agent/settings.h"

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

int settings_check_broker(char *url, struct error *error)
{
	bool is_secure = strncmp(url, "https://", 8) == 0;
	bool is_plain = strncmp(url, "http://", 7) == 0;
	const char *host = url + (is_secure ? 8 : 7);
	size_t length = strlen(url);

	while (length > 0 && url[length - 1] == '/')
		url[--length] = '\0';
	if (!is_secure && !(is_plain && is_loopback(host)))
		return error_set(error, ERROR_USAGE,
				 "the broker's address must start with https:// (or "
				 "http:// on loopback), not '%s'",
				 TEXT_ESCAPED(url));
	if (length <= (size_t)(host - url) || strpbrk(host, "?#@ \t\r\n\"\\"))
		return error_set(error, ERROR_USAGE, "'%s' is no address of a broker",
				 TEXT_ESCAPED(url));
	return 0;
}

int settings_read(const char *path, struct settings *settings, struct error *error)
{
	struct settings result;
	int r = config_read(path, keys, &result, error);

	if (r < 0)
		return r;
	if (result.broker[0])
		r = settings_check_broker(result.broker, error);
	if (r == 0 && result.keystore[0] && !keystore_traits_find(result.keystore))
		r = error_set(error, ERROR_USAGE, "%s: no keystore is called '%s'", path,
			      TEXT_ESCAPED(result.keystore));
	if (r == 0)
		*settings = result;
	return r;
}
