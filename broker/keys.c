/* SPDX-License-Identifier: MIT */
#include "broker/keys.h"

#include <errno.h>
#include <jose/jose.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/keys-file.h"

struct keys {
	pthread_mutex_t lock;
	char *path;
	json_t *list;
	struct stat read_from; /* which file the list came from */
};

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/*
 * The list as it is now, a new reference.  A file that cannot be read keeps
 * the old one in force.
 */
static json_t *current_list(struct keys *keys, struct error *error)
{
	struct stat now;
	json_t *list;

	pthread_mutex_lock(&keys->lock);
	if (!keys->list ||
	    (stat(keys->path, &now) == 0 && !is_same_file(&now, &keys->read_from))) {
		bool is_known = stat(keys->path, &now) == 0;
		json_t *new = keys_file_read(keys->path, error);

		if (new) {
			json_decref(keys->list);
			keys->list = new;
		}
		if (new &&is_known)
			keys->read_from = now;
	}
	list = json_incref(keys->list);
	pthread_mutex_unlock(&keys->lock);
	return list;
}

int keys_open(const char *path, struct keys **keys, struct error *error)
{
	scoped(keys_freep) struct keys *new = calloc(1, sizeof(*new));
	json_auto_t *list = NULL;

	if (!new || !(new->path = strdup(path))) {
		free(new);
		new = NULL;
		return error_set(error, ERROR_INTERNAL, "out of memory");
	}
	pthread_mutex_init(&new->lock, NULL);
	list = current_list(new, error);
	if (!list)
		return -EINVAL;
	*keys = take(new);
	return 0;
}

void keys_free(struct keys *keys)
{
	if (!keys)
		return;
	json_decref(keys->list);
	pthread_mutex_destroy(&keys->lock);
	free(keys->path);
	free(keys);
}

json_t *keys_public(struct keys *keys, int64_t now_seconds, struct error *error)
{
	json_auto_t *list = current_list(keys, error);
	json_auto_t *published = json_array();
	json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		json_t *jwk;

		if (!keys_entry_is_published(entry, now_seconds))
			continue;
		jwk = json_deep_copy(json_object_get(entry, "jwk"));
		json_array_append_new(published, jwk);
		if (!jwk || !jose_jwk_pub(NULL, jwk)) {
			error_set(error, ERROR_INTERNAL, "cannot publish a signing key");
			return NULL;
		}
	}
	return json_pack("{s:O}", "keys", published);
}

static const char *part(const json_t *jws, const char *name)
{
	const char *text = json_string_value(json_object_get(jws, name));

	return text ? text : "";
}

static int sign_with(const json_t *jwk, const json_t *claims, char **token,
		     struct error *error)
{
	json_auto_t *payload = jose_b64_enc_dump(claims);
	json_auto_t *jws = json_pack("{s:O}", "payload", payload);
	json_auto_t *header = json_pack("{s:{s:s, s:s, s:s}}", "protected", "alg",
					"ES256", "typ", "JWT", "kid", part(jwk, "kid"));

	if (!jws || !header || !jose_jws_sig(NULL, jws, header, jwk))
		return error_set(error, ERROR_INTERNAL, "cannot sign a grant");
	if (asprintf(token, "%s.%s.%s", part(jws, "protected"), part(jws, "payload"),
		     part(jws, "signature")) < 0) {
		*token = NULL;
		return error_set(error, ERROR_INTERNAL, "out of memory");
	}
	return 0;
}

int keys_sign(struct keys *keys, const json_t *claims, char **token, char **kid,
	      struct error *error)
{
	json_auto_t *list = current_list(keys, error);
	const json_t *jwk = json_object_get(json_array_get(list, 0), "jwk");
	scoped(freep) char *name = jwk ? strdup(part(jwk, "kid")) : NULL;
	int r;

	if (!name)
		return -EIO;
	r = sign_with(jwk, claims, token, error);
	if (r == 0)
		*kid = take(name);
	return r;
}
