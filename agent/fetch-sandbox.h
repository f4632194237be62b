/* SPDX-License-Identifier: MIT */
#ifndef AGENT_FETCH_SANDBOX_H
#define AGENT_FETCH_SANDBOX_H

/*
 * What the fetch worker gives up before it reads its job: running programs,
 * looking into processes or signalling them, new namespaces and mounts, changing
 * any file, and more memory, descriptors or time than its one job can need.  It parses
 * what strangers send while it holds a grant.
 */

/* Returns 0 or -errno. */
int fetch_sandbox_enter(void);

/*
 * Ends the process, from a thread of its own, as soon as the other end of the
 * socket fd is gone or longest_ms have passed.  Returns 0 or -errno.
 */
int fetch_sandbox_watch(int fd, int longest_ms);

#endif
