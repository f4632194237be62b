/* SPDX-License-Identifier: MIT */
#include "keystore/sealed.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/file.h"

#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(SEALED_OVERHEAD == NONCE_SIZE + TAG_SIZE, "nonce and tag");
_Static_assert(SEALED_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");

void sealed_make(unsigned char *out, const void *plain, size_t length, const char *label,
		 struct secret *key)
{
	scoped(secret_concealp) struct secret *open = key;
	const unsigned char *bytes = secret_reveal(key);

	assert(secret_length(key) == SEALED_KEY_SIZE);
	randombytes_buf(out, NONCE_SIZE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_SIZE, NULL, plain, length,
						   (const unsigned char *)label,
						   strlen(label), NULL, out, bytes);
}

int sealed_open(void *out, const unsigned char *box, size_t size, const char *label,
		struct secret *key)
{
	scoped(secret_concealp) struct secret *open = key;
	const unsigned char *bytes = secret_reveal(key);

	assert(secret_length(key) == SEALED_KEY_SIZE);
	if (size < SEALED_OVERHEAD)
		return -EBADMSG;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		out, NULL, NULL, box + NONCE_SIZE, size - NONCE_SIZE,
		(const unsigned char *)label, strlen(label), box, bytes) < 0) {
		sodium_memzero(out, size - SEALED_OVERHEAD);
		return -EBADMSG;
	}
	return 0;
}

static int cannot(struct error *error, const char *verb, const char *path, int r)
{
	enum error_kind kind = r == -ENOENT ? ERROR_NOT_FOUND : ERROR_INTERNAL;

	error_set(error, kind, "cannot %s %s: %s", verb, path, strerror(-r));
	return r;
}

/* A header, its newline and a box, as they lie in the file. */
static int compose(struct buffer *out, const char *header, const void *plain,
		   size_t length, struct secret *key)
{
	unsigned char *box;
	int r = buffer_print(out, "%s\n", header);

	if (r < 0)
		return r;
	box = (unsigned char *)buffer_space(out, length + SEALED_OVERHEAD);
	if (!box)
		return -EMSGSIZE;
	sealed_make(box, plain, length, header, key);
	buffer_filled(out, length + SEALED_OVERHEAD);
	return 0;
}

int sealed_file_write(const char *path, const char *header, const void *plain,
		      size_t length, struct secret *key, struct error *error)
{
	scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT(SEALED_FILE_MAX);
	int r;

	assert(!strchr(header, '\n'));
	r = compose(&out, header, plain, length, key);
	if (r == 0)
		r = file_write(path, 0600, out.bytes, out.used);
	return r < 0 ? cannot(error, "write", path, r) : 0;
}

/* Reads the file, cuts its header off with a NUL; *box is what follows. */
static int read_parts(const char *path, struct buffer *file, const unsigned char **box,
		      size_t *size, struct error *error)
{
	int r = file_read(path, file);
	char *end;

	if (r < 0)
		return cannot(error, "read", path, r);
	end = memchr(file->bytes, '\n', file->used);
	if (!end || memchr(file->bytes, '\0', (size_t)(end - file->bytes))) {
		error_set(error, ERROR_INTERNAL, "%s is no sealed file", path);
		return -EBADMSG;
	}
	*end = '\0';
	*box = (const unsigned char *)end + 1;
	*size = file->used - (size_t)(end + 1 - file->bytes);
	return 0;
}

static int copy_header(const struct buffer *file, char **header, struct error *error)
{
	char *copy = strdup(file->bytes);

	if (!copy)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	*header = copy;
	return 0;
}

int sealed_file_header(const char *path, char **header, struct error *error)
{
	scoped(buffer_done) struct buffer file = BUFFER_WITH_LIMIT(SEALED_FILE_MAX);
	const unsigned char *box;
	size_t size;
	int r = read_parts(path, &file, &box, &size, error);

	return r < 0 ? r : copy_header(&file, header, error);
}

static void sodium_freep(void **bytes)
{
	sodium_free(*bytes);
}

static int open_box(const unsigned char *box, size_t size, const char *label,
		    struct secret *key, struct secret **plain)
{
	size_t length = size < SEALED_OVERHEAD ? 0 : size - SEALED_OVERHEAD;
	/* Plain text never touches memory that could be swapped out. */
	scoped(sodium_freep) void *bytes = sodium_malloc(length);
	struct secret *secret;
	int r;

	if (!bytes)
		return -ENOMEM;
	r = sealed_open(bytes, box, size, label, key);
	if (r < 0)
		return r;
	secret = secret_take(bytes, length);
	if (!secret)
		return -ENOMEM;
	*plain = secret;
	return 0;
}

int sealed_file_read(const char *path, char **header, struct secret **plain,
		     struct secret *key, struct error *error)
{
	scoped(buffer_done) struct buffer file = BUFFER_WITH_LIMIT(SEALED_FILE_MAX);
	scoped(secret_freep) struct secret *secret = NULL;
	const unsigned char *box;
	size_t size;
	int r = read_parts(path, &file, &box, &size, error);

	if (r < 0)
		return r;
	r = open_box(box, size, file.bytes, key, &secret);
	if (r == -EBADMSG)
		error_set(error, ERROR_INTERNAL,
			  "%s was altered or sealed with another key", path);
	if (r < 0 && r != -EBADMSG)
		return cannot(error, "open", path, r);
	if (r == 0)
		r = copy_header(&file, header, error);
	if (r == 0)
		*plain = take(secret);
	return r;
}
