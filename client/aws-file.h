/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_AWS_FILE_H
#define CLIENT_AWS_FILE_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * The AWS SDKs' files on disk: config is read and replaced in one step,
 * credentials is only ever looked at.
 */

/*
 * Keeps others of us from path until the returned descriptor is closed: what one
 * reads and writes back must not undo what another wrote meanwhile.  The file itself
 * is replaced, so its directory is locked; it is made where there is none.
 */
int aws_file_lock(const char *path, struct error *error);

/* Adds the text of path to text; a file that is not there is an empty one. */
int aws_file_read(const char *path, struct buffer *text, struct error *error);

/*
 * Replaces path.  A file that is there keeps its mode, a new one is its owner's alone;
 * one that is read-only, or a link to none, is left as it is.
 */
int aws_file_write(const char *path, const struct buffer *text, struct error *error);

/*
 * What the SDKs would take before profile name: a sentence each, in a new
 * array; empty if nothing.
 */
json_t *aws_file_rivals(const char *name);

#endif
