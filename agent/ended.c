/* SPDX-License-Identifier: MIT */
#include "agent/ended.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/file.h"

#define FILE_SIZE_MAX ((size_t)ENDED_MAX * ID_SIZE)

static int remember(struct ended *ended, const char *id)
{
	char(*more)[ID_SIZE];

	if (ended->count >= ENDED_MAX)
		return -ENOSPC;
	more = realloc(ended->ids, (ended->count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	ended->ids = more;
	memcpy(more[ended->count++], id, ID_SIZE);
	return 0;
}

static int read_ids(struct ended *ended, char *text)
{
	char *rest = text, *line;
	int r = 0;

	while (r == 0 && (line = strsep(&rest, "\n")))
		if (id_is_valid('r', line) && !ended_has(ended, line))
			r = remember(ended, line);
	return r;
}

int ended_load(struct ended *ended, const char *state_path, struct error *error)
{
	scoped(buffer_done) struct buffer file = BUFFER_WITH_LIMIT(FILE_SIZE_MAX);
	int r;

	*ended = (struct ended){ .path = path_join(state_path, "ended", "") };
	if (!ended->path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	r = file_read(ended->path, &file);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = read_ids(ended, file.bytes);
	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "cannot read %s: %s", ended->path,
				 strerror(-r));
	return 0;
}

static int save(const struct ended *ended, struct error *error)
{
	scoped(buffer_done) struct buffer file = BUFFER_WITH_LIMIT(FILE_SIZE_MAX);
	int r = 0;

	for (size_t i = 0; r == 0 && i < ended->count; i++)
		r = buffer_print(&file, "%s\n", ended->ids[i]);
	if (r == 0 && ended->count == 0)
		r = file_remove(ended->path);
	else if (r == 0)
		r = file_write(ended->path, 0600, file.bytes, file.used);
	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "cannot write %s: %s",
				 ended->path, strerror(-r));
	return 0;
}

int ended_add(struct ended *ended, const char *id, struct error *error)
{
	int r;

	if (ended_has(ended, id))
		return save(ended, error);
	r = remember(ended, id);
	if (r < 0)
		return error_set(error, ERROR_LIMIT,
				 "more than %d ends are not yet known to the broker",
				 ENDED_MAX);
	return save(ended, error);
}

bool ended_has(const struct ended *ended, const char *id)
{
	for (size_t i = 0; i < ended->count; i++)
		if (strcmp(ended->ids[i], id) == 0)
			return true;
	return false;
}

int ended_remove(struct ended *ended, const char *id, struct error *error)
{
	for (size_t i = 0; i < ended->count; i++) {
		if (strcmp(ended->ids[i], id) != 0)
			continue;
		memmove(ended->ids + i, ended->ids + i + 1,
			(ended->count - i - 1) * sizeof(*ended->ids));
		ended->count--;
		return save(ended, error);
	}
	return 0;
}

void ended_done(struct ended *ended)
{
	free(ended->path);
	free(ended->ids);
	*ended = (struct ended){ .path = NULL };
}
