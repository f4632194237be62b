/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "broker/terraform-parts.h"

/*
 * Whose a file is, its first line says.  Ours are replaced and removed, others
 * (a backend, the variables' values, the state) are never touched.
 */

static int failed(const char *what, const char *path, int r, struct error *error)
{
	return error_set(error, r == -ENOMEM ? ERROR_INTERNAL : ERROR_USAGE,
			 "cannot %s %s: %s", what, path, strerror(-r));
}

static int out_of_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

int terraform_read_ours(const char *path, struct buffer *text)
{
	static const char mark[] = TERRAFORM_MARK "\n";
	struct stat about;
	int r;

	if (lstat(path, &about) < 0)
		return -errno;
	if (!S_ISREG(about.st_mode))
		return 0;
	r = file_read(path, text);
	if (r == -EMSGSIZE)
		return 0;
	return r < 0 ? r
		     : text->used >= sizeof(mark) - 1 &&
			   memcmp(text->bytes, mark, sizeof(mark) - 1) == 0;
}

static int refuse_foreign(const char *path, struct error *error)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(HCL_FILE_MAX);
	int r = terraform_read_ours(path, &text);

	if (r == 0)
		return error_set(error, ERROR_USAGE,
				 "%s is not one that jit-broker wrote; move it away or "
				 "name another directory",
				 path);
	return r < 0 && r != -ENOENT ? failed("read", path, r, error) : 0;
}

/* The directory of the file, if it is below. */
static int make_directory_of(const char *path, struct error *error)
{
	scoped(freep) char *directory = strdup(path);
	int r;

	if (!directory)
		return out_of_memory(error);
	*strrchr(directory, '/') = '\0';
	r = directory_make(directory, 0755);
	return r < 0 ? failed("make", directory, r, error) : 0;
}

static int write_one(const char *path, const struct buffer *wanted,
		     struct terraform_saved *saved, struct error *error)
{
	scoped(buffer_done) struct buffer there = BUFFER_WITH_LIMIT(HCL_FILE_MAX);
	int r = terraform_read_ours(path, &there);

	if (r == 1 && there.used == wanted->used &&
	    memcmp(there.bytes, wanted->bytes, wanted->used) == 0) {
		saved->unchanged++;
		return 0;
	}
	r = make_directory_of(path, error);
	if (r < 0)
		return r;
	r = file_write(path, 0644, wanted->bytes, wanted->used);
	if (r < 0)
		return failed("write", path, r, error);
	saved->written++;
	return 0;
}

int terraform_save(const struct terraform *files, const char *directory,
		   struct terraform_saved *saved, struct error *error)
{
	struct terraform_saved counts = { 0, 0, 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < files->count; i++) {
		scoped(freep) char *path = path_join(directory, files->list[i].path, "");

		r = path ? refuse_foreign(path, error) : out_of_memory(error);
	}
	for (size_t i = 0; r == 0 && i < files->count; i++) {
		scoped(freep) char *path = path_join(directory, files->list[i].path, "");

		r = path ? write_one(path, &files->list[i].text, &counts, error)
			 : out_of_memory(error);
	}
	if (r == 0)
		r = terraform_sweep(files, directory, &counts, error);
	if (r == 0)
		*saved = counts;
	return r;
}
