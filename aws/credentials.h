/* SPDX-License-Identifier: MIT */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

/*
 * The broker's own AWS keys: from a credential_process, from a credentials
 * file, or from the environment, whichever is set, in this order.  Keys that
 * expire are fetched anew before they do.  Never logged.
 */
#define CREDENTIALS_KEY_SIZE 129
#define CREDENTIALS_TOKEN_SIZE 8192

/* Secrets in plain sight: only on the stack, under scoped(credentials_wipe). */
struct credentials {
	char access_key_id[CREDENTIALS_KEY_SIZE];
	char secret_access_key[CREDENTIALS_KEY_SIZE];
	char session_token[CREDENTIALS_TOKEN_SIZE]; /* "" for none */
	int64_t expires_at_seconds;                 /* 0 for never */
};

void credentials_wipe(struct credentials *credentials);

struct credentials_source;

/* A role that another source's keys become: the manager of another account. */
struct credentials_role {
	struct credentials_source *by;
	const char *arn;
	const char *session_name; /* what CloudTrail there shows */
	const char *sts_url;      /* "" or NULL: the region's own */
	const char *region;
	const char *ca_file;
	const atomic_bool *stop;
};

/*
 * All borrowed for the source's life; "" or NULL for what is not set.  The
 * process is run by /bin/sh -c, as the SDKs do, and prints one document; the
 * file is in the form of ~/.aws/credentials and read again for each use, so
 * that it may be replaced.
 */
struct credentials_config {
	const char *process;
	const char *file;
	const char *profile;                 /* of the file; "default" if not set */
	const struct credentials_role *role; /* instead of all these; or NULL */
	const atomic_bool *stop; /* once it is set, a process is killed at once */
};

/* NULL when memory is short.  Any number of threads may use one. */
struct credentials_source *credentials_source_new(const struct credentials_config *config,
						  const struct clock *clock);
struct credentials_source *credentials_source_free(struct credentials_source *source);

/* How long before their expiry keys are fetched anew. */
#define CREDENTIALS_MARGIN_SECONDS 300
/* How long they are then used before another try, where one was in vain. */
#define CREDENTIALS_PAUSE_SECONDS 30
/* How long a credential_process may take. */
#define CREDENTIALS_PROCESS_MS 60000
/* How long becoming a role may take, all tries together. */
#define CREDENTIALS_ROLE_MS 8000

/*
 * Copies out keys that are good now.  If a process or role gives no new ones, its old
 * ones are used up to their expiry, and it is not asked for each call.  Returns 0 or
 * error_set(): ERROR_USAGE where none are set up, ERROR_UNREACHABLE where they cannot be
 * had.
 */
int credentials_get(struct credentials_source *source, struct credentials *credentials,
		    struct error *error);

/* Forgets what is cached, since AWS says that it is over. */
void credentials_forget(struct credentials_source *source);

#endif
