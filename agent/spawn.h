/* SPDX-License-Identifier: MIT */
#ifndef AGENT_SPAWN_H
#define AGENT_SPAWN_H

#include <stdint.h>
#include <sys/types.h>

/*
 * How a worker begins: nothing of ours but its stream as descriptors 0 and 1
 * and standard error, default signals, no core, an environment of the few
 * variables that its row names, dead when its parent is.
 */

/*
 * Starts a program (enum launcher_program) found in directory.  launcher is the
 * caller's pid: a worker whose parent is another by then, since the agent stopped,
 * leaves without a word.  Returns the worker's pid, or -errno.
 */
pid_t spawn_worker(const char *directory, uint32_t program, int stream, pid_t launcher);

#endif
