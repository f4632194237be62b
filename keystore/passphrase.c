/* SPDX-License-Identifier: MIT */
#include "keystore/keystore.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "keystore/sealed.h"

/*
 * STATE/master.key: the master key sealed with a key that Argon2id (RFC 9106)
 * makes of the passphrase; salt and costs are in the header.
 */
#define KIND "master-key"
#define SALT_SIZE crypto_pwhash_SALTBYTES
#define SALT_TEXT_SIZE (2 * SALT_SIZE + 1)

/* A header is read before it is known to be genuine: what it may cost us at most. */
#define OPERATIONS_MOST 16
#define MEMORY_MOST ((json_int_t)1024 * 1024 * 1024)

struct costs {
	unsigned char salt[SALT_SIZE];
	unsigned long long operations;
	size_t memory_bytes;
};

static void json_freep(json_t **json)
{
	json_decref(*json);
}

static void sodium_freep(unsigned char **bytes)
{
	sodium_free(*bytes);
}

static int out_of_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

static int derive(const struct costs *costs, struct secret *passphrase,
		  struct secret **key, struct error *error)
{
	scoped(sodium_freep) unsigned char *bytes = sodium_malloc(SEALED_KEY_SIZE);
	struct secret *made;
	int r;

	if (!bytes)
		return out_of_memory(error);
	r = crypto_pwhash(bytes, SEALED_KEY_SIZE, secret_reveal(passphrase),
			  secret_length(passphrase), costs->salt, costs->operations,
			  costs->memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
	secret_conceal(passphrase);
	if (r < 0)
		return error_set(error, ERROR_INTERNAL,
				 "Argon2id needs %zu MiB of memory, which are not free",
				 costs->memory_bytes >> 20);
	made = secret_take(bytes, SEALED_KEY_SIZE);
	if (!made)
		return out_of_memory(error);
	*key = made;
	return 0;
}

static char *header_make(const struct costs *costs)
{
	char salt[SALT_TEXT_SIZE];
	scoped(json_freep) json_t *header = NULL;

	sodium_bin2hex(salt, sizeof(salt), costs->salt, SALT_SIZE);
	header = json_pack("{s:s, s:i, s:s, s:I, s:I, s:s}", "kind", KIND, "version", 1,
			   "function", "argon2id", "operations",
			   (json_int_t)costs->operations, "memory",
			   (json_int_t)costs->memory_bytes, "salt", salt);
	return header ? json_text(header) : NULL;
}

static int header_parse(const char *text, struct costs *costs)
{
	scoped(json_freep) json_t *header = json_parse_object(text, strlen(text), NULL);
	const char *kind, *function, *salt;
	json_int_t operations, memory;
	size_t length;
	int version;

	if (json_read(header, NULL, "{s:s, s:i, s:s, s:I, s:I, s:s !}", "kind", &kind,
		      "version", &version, "function", &function, "operations",
		      &operations, "memory", &memory, "salt", &salt) < 0)
		return -EBADMSG;
	if (strcmp(kind, KIND) != 0 || version != 1 || strcmp(function, "argon2id") != 0)
		return -EBADMSG;
	if (operations < 1 || operations > OPERATIONS_MOST || memory < 8192 ||
	    memory > MEMORY_MOST)
		return -EBADMSG;
	if (sodium_hex2bin(costs->salt, SALT_SIZE, salt, strlen(salt), NULL, &length,
			   NULL) < 0 ||
	    length != SALT_SIZE)
		return -EBADMSG;
	costs->operations = (unsigned long long)operations;
	costs->memory_bytes = (size_t)memory;
	return 0;
}

static int store_at(const char *path, const struct keystore_place *place,
		    struct secret *key, struct error *error)
{
	struct costs costs = { .operations = crypto_pwhash_OPSLIMIT_MODERATE,
			       .memory_bytes = crypto_pwhash_MEMLIMIT_MODERATE };
	scoped(secret_freep) struct secret *wrapping = NULL;
	scoped(json_text_freep) char *header = NULL;
	int r;

	randombytes_buf(costs.salt, sizeof(costs.salt));
	r = derive(&costs, place->passphrase, &wrapping, error);
	if (r < 0)
		return r;
	header = header_make(&costs);
	if (!header)
		return out_of_memory(error);
	r = sealed_file_write(path, header, secret_reveal(key), secret_length(key),
			      wrapping, error);
	secret_conceal(key);
	return r;
}

static int load_at(const char *path, const struct keystore_place *place,
		   struct secret **key, struct error *error)
{
	scoped(freep) char *text = NULL;
	scoped(freep) char *header = NULL;
	scoped(secret_freep) struct secret *wrapping = NULL;
	struct costs costs;
	int r = sealed_file_header(path, &text, error);

	if (r == -ENOENT)
		return error_set(error, ERROR_NOT_FOUND, "%s is not there", path);
	if (r < 0)
		return r;
	if (header_parse(text, &costs) < 0)
		return error_set(error, ERROR_INTERNAL, "%s is no master key file", path);
	r = derive(&costs, place->passphrase, &wrapping, error);
	if (r < 0)
		return r;
	r = sealed_file_read(path, &header, key, wrapping, error);
	if (r != -EBADMSG)
		return r;
	error_set(error, ERROR_FORBIDDEN, "wrong passphrase (or %s was altered)", path);
	error_next(error, "jitctl unlock");
	return -EACCES;
}

static int check_passphrase(const struct keystore_place *place, struct error *error)
{
	if (place->passphrase && secret_length(place->passphrase) > 0)
		return 0;
	error_set(error, ERROR_LOCKED, "this keystore needs a passphrase");
	error_next(error, "jitctl unlock");
	return -EAGAIN;
}

static int store_key(const struct keystore_place *place, struct secret *key,
		     struct error *error)
{
	scoped(freep) char *path = path_join(place->state, KEYSTORE_FILE_NEXT, "");
	int r = path ? check_passphrase(place, error) : out_of_memory(error);

	return r < 0 ? r : store_at(path, place, key, error);
}

static int load_key(const struct keystore_place *place, struct secret **key,
		    struct error *error)
{
	scoped(freep) char *path = path_join(place->state, KEYSTORE_FILE, "");
	int r = path ? check_passphrase(place, error) : out_of_memory(error);

	return r < 0 ? r : load_at(path, place, key, error);
}

static int erase_key(const struct keystore_place *place, struct error *error)
{
	scoped(freep) char *path = path_join(place->state, KEYSTORE_FILE, "");
	int r = path ? file_remove(path) : -ENOMEM;

	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "cannot remove %s: %s",
				 path ? path : "the master key", strerror(-r));
	return 0;
}

const struct keystore_backend keystore_passphrase = {
	.name = "passphrase",
	.store = store_key,
	.load = load_key,
	.erase = erase_key,
};
