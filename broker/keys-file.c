/* SPDX-License-Identifier: MIT */
#include "broker/keys-file.h"

#include <errno.h>
#include <jose/jose.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "broker/certificate.h"
#include "broker/keys.h"

#define FILE_SIZE_MAX ((size_t)256 * 1024)

static int check_entry(json_t *entry, const char *path, struct error *error)
{
	const char *kid, *alg, *secret;
	json_int_t made_at, retired_at;

	if (json_unpack(entry, "{s:{s:s, s:s, s:s}, s:I, s?I}", "jwk", "kid", &kid, "alg",
			&alg, "d", &secret, "made_at", &made_at, "retired_at",
			&retired_at) < 0 ||
	    strcmp(alg, "ES256") != 0)
		return error_set(error, ERROR_USAGE, "%s holds no ES256 keys", path);
	return 0;
}

json_t *keys_file_read(const char *path, struct error *error)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(FILE_SIZE_MAX);
	json_auto_t *file = NULL;
	json_t *list, *entry;
	struct error why;
	size_t i;
	int r = file_read(path, &text);

	if (r < 0) {
		error_set(error, ERROR_USAGE, "cannot read %s: %s", path, strerror(-r));
		return NULL;
	}
	file = json_parse_object(text.bytes, text.used, &why);
	if (!file || json_read(file, &why, "{s:o !}", "keys", &list) < 0) {
		error_set(error, ERROR_USAGE, "%s is no file of keys: %s", path,
			  why.text);
		return NULL;
	}
	if (json_array_size(list) == 0) {
		error_set(error, ERROR_USAGE, "%s holds no keys", path);
		return NULL;
	}
	json_array_foreach(list, i,
			   entry) if (check_entry(entry, path, error) < 0) return NULL;
	return json_incref(list);
}

int keys_file_write(const char *path, json_t *list, struct error *error)
{
	json_auto_t *file = json_pack("{s:O}", "keys", list);
	scoped(json_text_freep) char *text = file ? json_text(file) : NULL;
	int r = text ? file_write(path, 0600, text, strlen(text)) : -ENOMEM;

	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "cannot write %s: %s", path,
				 strerror(-r));
	return 0;
}

bool keys_entry_is_published(json_t *entry, int64_t now_seconds)
{
	json_t *retired_at = json_object_get(entry, "retired_at");

	return !retired_at ||
	       now_seconds < json_integer_value(retired_at) + KEYS_RETIRE_SECONDS;
}

/* A new entry with a fresh key, its RFC 7638 thumbprint as kid, and x5c. */
static json_t *make_entry(int64_t now_seconds, struct error *error)
{
	json_auto_t *jwk = json_pack("{s:s}", "alg", "ES256");
	json_auto_t *kid = NULL;
	scoped(freep) char *certificate = NULL;

	if (!jwk || !jose_jwk_gen(NULL, jwk) ||
	    !(kid = jose_jwk_thp(NULL, jwk, "S256"))) {
		error_set(error, ERROR_INTERNAL, "cannot make a signing key");
		return NULL;
	}
	if (certificate_make(jwk, now_seconds, &certificate, error) < 0)
		return NULL;
	json_object_del(jwk, "key_ops");
	json_object_set(jwk, "kid", kid);
	json_object_set_new(jwk, "use", json_string("sig"));
	json_object_set_new(jwk, "x5c", json_pack("[s]", certificate));
	return json_pack("{s:O, s:I}", "jwk", jwk, "made_at", (json_int_t)now_seconds);
}

int keys_make(const char *path, int64_t now_seconds, struct error *error)
{
	json_auto_t *list = json_array();

	if (access(path, F_OK) == 0)
		return error_set(error, ERROR_USAGE, "%s is there already", path);
	if (json_array_append_new(list, make_entry(now_seconds, error)) < 0)
		return -EIO;
	return keys_file_write(path, list, error);
}

static void retire_and_drop(json_t *list, int64_t now_seconds)
{
	json_t *first = json_array_get(list, 0);

	json_object_set_new(first, "retired_at", json_integer(now_seconds));
	for (size_t i = json_array_size(list); i > 0; i--)
		if (!keys_entry_is_published(json_array_get(list, i - 1), now_seconds))
			json_array_remove(list, i - 1);
}

int keys_rotate(const char *path, int64_t now_seconds, char **kid, struct error *error)
{
	json_auto_t *list = keys_file_read(path, error);
	json_auto_t *entry = list ? make_entry(now_seconds, error) : NULL;
	const char *name;
	int r;

	if (!entry)
		return -EIO;
	retire_and_drop(list, now_seconds);
	if (json_array_insert(list, 0, entry) < 0)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	r = keys_file_write(path, list, error);
	if (r < 0)
		return r;
	name = json_string_value(json_object_get(json_object_get(entry, "jwk"), "kid"));
	*kid = strdup(name);
	return *kid ? 0 : error_set(error, ERROR_INTERNAL, "out of memory");
}
