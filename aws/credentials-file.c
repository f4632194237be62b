/* SPDX-License-Identifier: MIT */
#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "aws/credentials-origin.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#define FILE_MAX ((size_t)64 * 1024)

/* Both origins name the same three things. */
static const struct {
	const char *variable;
	const char *key;
	size_t offset;
	size_t size;
} members[] = {
	{ "AWS_ACCESS_KEY_ID", "aws_access_key_id",
	  offsetof(struct credentials, access_key_id), CREDENTIALS_KEY_SIZE },
	{ "AWS_SECRET_ACCESS_KEY", "aws_secret_access_key",
	  offsetof(struct credentials, secret_access_key), CREDENTIALS_KEY_SIZE },
	{ "AWS_SESSION_TOKEN", "aws_session_token",
	  offsetof(struct credentials, session_token), CREDENTIALS_TOKEN_SIZE },
};
#define MEMBERS (sizeof(members) / sizeof(*members))

int credentials_from_environment(struct credentials *credentials, struct error *error)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		const char *value = secure_getenv(members[i].variable);
		int r = credentials_set((char *)credentials + members[i].offset,
					members[i].size, value ? value : "", error);

		if (r < 0)
			return r;
	}
	if (!credentials->access_key_id[0])
		return error_set(error, ERROR_USAGE,
				 "the broker has no AWS credentials: neither process, "
				 "file nor AWS_ACCESS_KEY_ID");
	return 0;
}

struct reading {
	const char *profile;
	struct credentials *credentials;
	bool has_failed;
};

/* libinih's handler: 1 to go on, 0 for an error on this line. */
static int on_value(void *user, const char *section, const char *name, const char *value)
{
	struct reading *reading = user;

	if (strcmp(section, reading->profile) != 0)
		return 1;
	for (size_t i = 0; i < MEMBERS; i++)
		if (strcmp(members[i].key, name) == 0 &&
		    credentials_set((char *)reading->credentials + members[i].offset,
				    members[i].size, value, NULL) < 0)
			reading->has_failed = true;
	return 1;
}

int credentials_from_file(const char *path, const char *profile,
			  struct credentials *credentials, struct error *error)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(FILE_MAX);
	struct reading reading = { .profile = profile, .credentials = credentials };
	int r = file_read(path, &text);

	if (r < 0)
		return error_set(error, ERROR_USAGE, "cannot read %s: %s", path,
				 strerror(-r));
	/* Other tools' sections may hold what libinih does not read; ours may not. */
	ini_parse_string(text.bytes, on_value, &reading);
	if (reading.has_failed || !credentials->access_key_id[0])
		return error_set(error, ERROR_USAGE,
				 "%s has no proper credentials under [%s]", path,
				 TEXT_ESCAPED(profile));
	return 0;
}
