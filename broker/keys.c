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
#include "broker/signer.h"

struct keys {
	pthread_mutex_t lock;
	char *path;
	json_t *list;
	struct signer *signer; /* of the list's first key */
	struct stat read_from; /* which file the list came from */
};

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int read_again(struct keys *keys, struct error *error)
{
	json_auto_t *list = keys_file_read(keys->path, error);
	struct signer *signer;

	if (!list)
		return -EINVAL;
	signer = signer_new(json_object_get(json_array_get(list, 0), "jwk"), error);
	if (!signer)
		return -EINVAL;
	json_decref(keys->list);
	signer_unref(keys->signer);
	keys->list = json_incref(list);
	keys->signer = signer;
	return 0;
}

/* With the lock held.  A file that cannot be read keeps the old keys in force. */
static int refresh(struct keys *keys, struct error *error)
{
	struct stat now;
	bool is_known = stat(keys->path, &now) == 0;

	if (keys->list && (!is_known || is_same_file(&now, &keys->read_from)))
		return 0;
	if (read_again(keys, error) == 0 && is_known)
		keys->read_from = now;
	return keys->list ? 0 : -EINVAL;
}

/* Each a new reference to what is in force now, or NULL with error filled. */
static json_t *current_list(struct keys *keys, struct error *error)
{
	json_t *list = NULL;

	pthread_mutex_lock(&keys->lock);
	if (refresh(keys, error) == 0)
		list = json_incref(keys->list);
	pthread_mutex_unlock(&keys->lock);
	return list;
}

static struct signer *current_signer(struct keys *keys, struct error *error)
{
	struct signer *signer = NULL;

	pthread_mutex_lock(&keys->lock);
	if (refresh(keys, error) == 0)
		signer = signer_ref(keys->signer);
	pthread_mutex_unlock(&keys->lock);
	return signer;
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
	signer_unref(keys->signer);
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

int keys_sign(struct keys *keys, const json_t *claims, char **token, char **kid,
	      struct error *error)
{
	scoped(signer_unrefp) struct signer *signer = current_signer(keys, error);
	scoped(freep) char *name = signer ? strdup(signer_kid(signer)) : NULL;
	int r;

	if (!signer)
		return -EINVAL;
	if (!name)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	r = signer_sign(signer, claims, token, error);
	if (r == 0)
		*kid = take(name);
	return r;
}

void keys_token_free(char *token)
{
	if (token)
		explicit_bzero(token, strlen(token));
	free(token);
}
