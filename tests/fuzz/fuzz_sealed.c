/* SPDX-License-Identifier: MIT */
/* Boxes as a stranger may leave them: none opens, and nothing of one is shown. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "keystore/sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_file(const uint8_t *data, size_t size, struct secret *key)
{
	static char path[64];
	static int fd = -1;
	scoped(freep) char *header = NULL;
	struct secret *plain = NULL;

	if (fd < 0) {
		fd = memfd_create("sealed", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	assert(fd >= 0 && ftruncate(fd, 0) == 0);
	assert(pwrite(fd, data, size, 0) == (ssize_t)size);
	assert(sealed_file_read(path, &header, &plain, key, NULL) == -EBADMSG);
	assert(!plain && !header);
	if (sealed_file_header(path, &header, NULL) == 0)
		assert(!strchr(header, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct secret *key;
	unsigned char out[4096];

	if (!key && secret_init() == 0)
		key = secret_random(SEALED_KEY_SIZE);
	if (size > sizeof(out))
		return 0;
	assert(sealed_open(out, data, size, "label", key) == -EBADMSG);
	try_file(data, size, key);
	return 0;
}
