/* SPDX-License-Identifier: MIT */
#ifndef KEYSTORE_SEALED_H
#define KEYSTORE_SEALED_H

#include <stddef.h>

#include "base/error.h"
#include "base/secret.h"

/*
 * Sealed boxes and files: XChaCha20-Poly1305 (libsodium,
 * crypto_aead_xchacha20poly1305_ietf) with a random nonce in front and a
 * caller's label as associated data, so that a box opens only as what it was
 * sealed as.
 */
#define SEALED_KEY_SIZE 32
#define SEALED_OVERHEAD (24 + 16) /* nonce and tag */
#define SEALED_FILE_MAX ((size_t)1024 * 1024)

/*
 * Seals length bytes into out, which has room for length + SEALED_OVERHEAD and
 * does not overlap plain.
 */
void sealed_make(unsigned char *out, const void *plain, size_t length, const char *label,
		 struct secret *key);

/*
 * Opens a box of size bytes into out (size - SEALED_OVERHEAD bytes).  Returns
 * 0, or -EBADMSG: another key, another label, or altered; out is then wiped.
 * Allocates nothing, so the hot path may call it.
 */
int sealed_open(void *out, const unsigned char *box, size_t size, const char *label,
		struct secret *key);

/*
 * Files that hold one box behind a line of JSON that says what it is (kind,
 * version, and whatever else is no secret); that line is part of the label, so
 * that it can't be altered either.  Written as file_write() does, mode 0600.
 * Failures are the -errno of the file (-ENOENT, -ENOSPC, -EMSGSIZE past
 * SEALED_FILE_MAX, ...) or -EBADMSG, with error filled.
 */
int sealed_file_write(const char *path, const char *header, const void *plain,
		      size_t length, struct secret *key, struct error *error);

/*
 * Reads the header line only: the caller frees it.  Needs no key, says nothing
 * of whether it is genuine.  -ENOENT where there is no file.
 */
int sealed_file_header(const char *path, char **header, struct error *error);

/*
 * Opens the file.  *header is the caller's to free; *plain too.  -EBADMSG:
 * another key, or any byte of it altered.
 */
int sealed_file_read(const char *path, char **header, struct secret **plain,
		     struct secret *key, struct error *error);

#endif
