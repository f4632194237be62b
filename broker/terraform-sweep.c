/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "broker/terraform-parts.h"

/*
 * What earlier profiles left: our files that no profile wants any more, in the
 * directory and in the modules below it.
 */
struct sweep {
	const struct terraform *files;
	const char *root;
	size_t removed;
};

static int out_of_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

static bool is_wanted(const struct terraform *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->list[i].path, name) == 0)
			return true;
	return false;
}

/* name is below the root. */
static int sweep_file(struct sweep *sweep, const char *name, struct error *error)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(HCL_FILE_MAX);
	scoped(freep) char *path = path_join(sweep->root, name, "");
	const char *ending = strrchr(name, '.');
	int r;

	if (!path)
		return out_of_memory(error);
	if (!ending || strcmp(ending, ".tf") != 0 || is_wanted(sweep->files, name) ||
	    terraform_read_ours(path, &text) != 1)
		return 0;
	r = file_remove(path);
	if (r < 0)
		return error_set(error, ERROR_USAGE, "cannot remove %s: %s", path,
				 strerror(-r));
	sweep->removed++;
	return 0;
}

static void closedirp(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

/* Calls visit for what is in root/below, with its name below the root. */
static int each_entry(struct sweep *sweep, const char *below,
		      int (*visit)(struct sweep *sweep, const char *name,
				   struct error *error),
		      struct error *error)
{
	scoped(freep) char *path = path_join(sweep->root, below, "");
	scoped(closedirp) DIR *directory = path ? opendir(path) : NULL;
	const struct dirent *entry;
	int r = 0;

	if (!directory)
		return path ? 0 : out_of_memory(error);
	while (r == 0 && (entry = readdir(directory))) {
		scoped(freep) char *name = *below ? path_join(below, entry->d_name, "")
						  : strdup(entry->d_name);

		if (!name)
			r = out_of_memory(error);
		else if (entry->d_name[0] != '.')
			r = visit(sweep, name, error);
	}
	return r;
}

/* A module that is empty now, because of us, goes too. */
static int sweep_module(struct sweep *sweep, const char *name, struct error *error)
{
	scoped(freep) char *path = path_join(sweep->root, name, "");
	size_t before = sweep->removed;
	struct stat about;
	int r;

	if (!path)
		return out_of_memory(error);
	if (lstat(path, &about) < 0 || !S_ISDIR(about.st_mode))
		return 0;
	r = each_entry(sweep, name, sweep_file, error);
	if (r == 0 && sweep->removed > before)
		(void)rmdir(path);
	return r;
}

int terraform_sweep(const struct terraform *files, const char *directory,
		    struct terraform_saved *saved, struct error *error)
{
	struct sweep sweep = { files, directory, 0 };
	int r = each_entry(&sweep, "", sweep_file, error);

	if (r == 0)
		r = each_entry(&sweep, "", sweep_module, error);
	saved->removed = sweep.removed;
	return r;
}
