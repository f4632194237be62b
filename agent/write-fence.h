/* SPDX-License-Identifier: MIT */
#ifndef AGENT_WRITE_FENCE_H
#define AGENT_WRITE_FENCE_H

#include <stdint.h>

#include "base/cleanup.h"

/*
 * Where this process may still write, by Landlock (Linux 5.13): nowhere but in
 * the directories that were allowed.  What is open already stays so.
 */
struct write_fence {
	int rules; /* -1: none */
	uint64_t handled;
};

#define WRITE_FENCE_INIT     \
	{                    \
		.rules = -1, \
	}

enum write_fence_what {
	WRITE_FENCE_FILES,   /* plain files: made, written, renamed, removed */
	WRITE_FENCE_REMOVAL, /* files may be removed, no more */
};

/* Returns 1, 0 where the kernel has no Landlock, or -errno. */
int write_fence_begin(struct write_fence *fence);

/* Allows that below a directory; one that is not there is none.  0 or -errno. */
int write_fence_allow(struct write_fence *fence, const char *directory,
		      enum write_fence_what what);

/* In force when it returns 0; else -errno. */
int write_fence_enter(const struct write_fence *fence);

void write_fence_done(struct write_fence *fence);

#endif
