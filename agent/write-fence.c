/* SPDX-License-Identifier: MIT */
#include "agent/write-fence.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef LANDLOCK_ACCESS_FS_REFER /* since the second version */
#define LANDLOCK_ACCESS_FS_REFER (UINT64_C(1) << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE /* since the third */
#define LANDLOCK_ACCESS_FS_TRUNCATE (UINT64_C(1) << 14)
#endif

#define REMOVAL ((uint64_t)LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define FILES                                                                    \
	(REMOVAL | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	 LANDLOCK_ACCESS_FS_TRUNCATE)
#define NEVER                                                          \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR |  \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |  \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | \
	 LANDLOCK_ACCESS_FS_REFER)

static uint64_t known_to(long version)
{
	uint64_t all = FILES | NEVER;

	if (version < 2)
		all &= ~LANDLOCK_ACCESS_FS_REFER;
	if (version < 3)
		all &= ~LANDLOCK_ACCESS_FS_TRUNCATE;
	return all;
}

int write_fence_begin(struct write_fence *fence)
{
	struct landlock_ruleset_attr attributes = { 0 };
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);
	long fd;

	if (version < 1)
		return 0;
	fence->handled = known_to(version);
	attributes.handled_access_fs = fence->handled;
	fd = syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
	if (fd < 0)
		return -errno;
	fence->rules = (int)fd;
	return 1;
}

int write_fence_allow(struct write_fence *fence, const char *directory,
		      enum write_fence_what what)
{
	scoped(closep) int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { .parent_fd = fd };

	if (fd < 0)
		return 0;
	rule.allowed_access = (what == WRITE_FENCE_FILES ? FILES : REMOVAL) &
			      fence->handled;
	if (syscall(SYS_landlock_add_rule, fence->rules, LANDLOCK_RULE_PATH_BENEATH,
		    &rule, 0) < 0)
		return -errno;
	return 0;
}

int write_fence_enter(const struct write_fence *fence)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_landlock_restrict_self, fence->rules, 0) < 0)
		return -errno;
	return 0;
}

void write_fence_done(struct write_fence *fence)
{
	closep(&fence->rules);
}
