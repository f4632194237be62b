/* SPDX-License-Identifier: MIT */
#include "agent/session-file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"

#define SUFFIX ".session"
#define KEY_TEXT_SIZE (VAULT_WRAPPED_SIZE * 2 + 1)
#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_SIZE 64

/* CLOCK_BOOTTIME means something within one boot only. */
static const char *boot_id(char out[static BOOT_ID_SIZE])
{
	int fd = open(BOOT_ID_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, out, BOOT_ID_SIZE - 1);

	closep(&fd);
	out[got > 0 ? got : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return out;
}

static char *header_text(const struct session *session)
{
	char key[KEY_TEXT_SIZE], boot[BOOT_ID_SIZE];
	json_auto_t *header = json_pack(
	    "{s:s, s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:O}", "kind", "session",
	    "version", 1, "id", session->id, "key",
	    sodium_bin2hex(key, sizeof(key), session->vault.wrapped, VAULT_WRAPPED_SIZE),
	    "boot", boot_id(boot), "ends_wall_usec", (json_int_t)session->ends.wall_usec,
	    "ends_boot_usec", (json_int_t)session->ends.boot_usec,
	    "credentials_end_wall_usec", (json_int_t)session->credentials_end.wall_usec,
	    "credentials_end_boot_usec", (json_int_t)session->credentials_end.boot_usec,
	    "credentials_expire_at", (json_int_t)session->credentials_expire_at,
	    "request", session->request);

	return header ? json_text(header) : NULL;
}

int session_file_write(const char *runtime_path, const struct session *session,
		       const char *document, size_t length, struct error *error)
{
	scoped(freep) char *path = path_join(runtime_path, session->id, SUFFIX);
	scoped(json_text_freep) char *header = header_text(session);

	if (!path || !header)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return sealed_file_write(path, header, document, length, session->vault.key,
				 error);
}

int session_file_peek(const char *path, json_t **header)
{
	scoped(freep) char *text = NULL;
	int r = sealed_file_header(path, &text, NULL);
	json_t *json;

	if (r < 0)
		return r;
	json = json_parse_object(text, strlen(text), NULL);
	if (!json)
		return -EBADMSG;
	*header = json;
	return 0;
}

static bool is_plausible(int64_t wall_usec, int64_t boot_usec)
{
	return time_is_plausible(wall_usec / USEC_PER_SEC) &&
	       time_is_plausible(boot_usec / USEC_PER_SEC);
}

int session_file_fill(struct session *session, json_t *header)
{
	json_int_t ends_wall, ends_boot, good_wall, good_boot, expire_at;
	const char *kind, *id, *key, *boot;
	char this_boot[BOOT_ID_SIZE];
	json_t *request;
	int version;
	size_t length;

	if (json_unpack(
		header, "{s:s, s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:o !}",
		"kind", &kind, "version", &version, "id", &id, "key", &key, "boot", &boot,
		"ends_wall_usec", &ends_wall, "ends_boot_usec", &ends_boot,
		"credentials_end_wall_usec", &good_wall, "credentials_end_boot_usec",
		&good_boot, "credentials_expire_at", &expire_at, "request", &request) < 0)
		return -EINVAL;
	if (strcmp(kind, "session") != 0 || version != 1 ||
	    strcmp(id, session->id) != 0 || strcmp(boot, boot_id(this_boot)) != 0)
		return -EINVAL;
	if (sodium_hex2bin(session->vault.wrapped, VAULT_WRAPPED_SIZE, key, strlen(key),
			   NULL, &length, NULL) < 0 ||
	    length != VAULT_WRAPPED_SIZE)
		return -EINVAL;
	if (!time_is_plausible(expire_at) || !is_plausible(ends_wall, ends_boot) ||
	    !is_plausible(good_wall, good_boot))
		return -EINVAL;
	session->ends = (struct instant){ ends_wall, ends_boot };
	session->credentials_end = (struct instant){ good_wall, good_boot };
	session->credentials_expire_at = expire_at;
	json_decref(session->request);
	session->request = json_incref(request);
	return 0;
}

static bool is_same(struct instant a, struct instant b)
{
	return a.wall_usec == b.wall_usec && a.boot_usec == b.boot_usec;
}

/* The header that was peeked at must be the one that the box was sealed with. */
static int check_header(const char *text, const struct session *session)
{
	json_auto_t *header = json_parse_object(text, strlen(text), NULL);
	struct session sealed = { .request = NULL };
	int r;

	if (!header)
		return -EBADMSG;
	memcpy(sealed.id, session->id, ID_SIZE);
	r = session_file_fill(&sealed, header);
	if (r == 0 && (!is_same(sealed.ends, session->ends) ||
		       !is_same(sealed.credentials_end, session->credentials_end) ||
		       sealed.credentials_expire_at != session->credentials_expire_at))
		r = -EBADMSG;
	json_decref(sealed.request);
	return r;
}

int session_file_open(const char *runtime_path, const struct session *session,
		      struct secret *master, struct secret **document)
{
	scoped(freep) char *path = path_join(runtime_path, session->id, SUFFIX);
	scoped(secret_freep) struct secret *key = vault_unwrap(session->vault.wrapped,
							       session->id, master);
	scoped(secret_freep) struct secret *plain = NULL;
	scoped(freep) char *header = NULL;
	int r;

	if (!path || !key)
		return path ? -EBADMSG : -ENOMEM;
	r = sealed_file_read(path, &header, &plain, key, NULL);
	if (r == 0)
		r = check_header(header, session);
	if (r == 0)
		*document = take(plain);
	return r;
}

void session_file_destroy(const char *runtime_path, const char *id)
{
	scoped(freep) char *path = path_join(runtime_path, id, SUFFIX);

	if (path)
		(void)file_wipe(path);
}

void session_file_each(const char *runtime_path,
		       void (*each)(void *data, const char *id, const char *path),
		       void *data)
{
	DIR *directory = opendir(runtime_path);
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		size_t length = strlen(entry->d_name);
		scoped(freep) char *path = path_join(runtime_path, entry->d_name, "");
		char id[ID_SIZE];

		if (!path || length != ID_SIZE - 1 + sizeof(SUFFIX) - 1 ||
		    strcmp(entry->d_name + ID_SIZE - 1, SUFFIX) != 0)
			continue;
		memcpy(id, entry->d_name, ID_SIZE - 1);
		id[ID_SIZE - 1] = '\0';
		if (id_is_valid('r', id))
			each(data, id, path);
	}
	if (directory)
		closedir(directory);
}
