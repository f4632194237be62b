/* SPDX-License-Identifier: MIT */
#ifndef AGENT_SESSION_FILE_H
#define AGENT_SESSION_FILE_H

#include "agent/session.h"

/*
 * A session's document at rest: ID.session in the runtime directory, which is
 * a tmpfs.  The header holds the broker's words, both ends and the wrapped
 * key; it is bound to the box, so none of it can be altered.
 */

/* Writes it.  Returns 0 or error_set(); a former file then stays. */
int session_file_write(const char *runtime_path, const struct session *session,
		       const char *document, size_t length, struct error *error);

/*
 * Fills a session from its file's header, unchecked as yet.  *id is its file's
 * name less ".session".  Returns 0, or -errno for one of no use: torn, from
 * before the last boot, not ours.
 */
int session_file_peek(const char *path, json_t **header);

/*
 * Opens the document of a session that was filled from a header, and checks
 * that header.  Returns 0 with *document the caller's, or -errno.
 */
int session_file_open(const char *runtime_path, const struct session *session,
		      struct secret *master, struct secret **document);

/* Takes the fields of a header into a session.  Returns 0 or -EINVAL. */
int session_file_fill(struct session *session, json_t *header);

/* Overwrites the wrapped key, then removes the file. */
void session_file_destroy(const char *runtime_path, const char *id);

/* Calls each for every ID.session there is, whole or not. */
void session_file_each(const char *runtime_path,
		       void (*each)(void *data, const char *id, const char *path),
		       void *data);

#endif
