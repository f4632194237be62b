/* SPDX-License-Identifier: MIT */
#include "agent/core-sandbox.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "agent/agent.h"
#include "agent/call-filter.h"
#include "agent/write-fence.h"
#include "base/cleanup.h"
#include "base/file.h"

/*
 * What an event loop with files, timers and sockets that are there already
 * comes to.  Not on it: socket, connect, clone, execve, kill, ptrace, ioctl.
 * Those that have newer and older names are there with all of them.
 */
static const int allowed[] = {
	/* clang-format off */
	/* A call that is answered from the cache. */
	SYS_accept4, SYS_getsockopt, SYS_recvfrom, SYS_sendto, SYS_close, SYS_epoll_ctl,
	SYS_epoll_pwait, SYS_clock_gettime,
#ifdef SYS_epoll_wait
	SYS_epoll_wait,
#endif
	/* The event loop. */
	SYS_epoll_pwait2, SYS_ppoll, SYS_read, SYS_write, SYS_readv, SYS_writev,
	SYS_timerfd_settime, SYS_timerfd_gettime, SYS_rt_sigreturn, SYS_rt_sigprocmask,
	SYS_rt_sigaction, SYS_restart_syscall, SYS_gettimeofday, SYS_futex,
	SYS_clock_nanosleep, SYS_sched_yield,
#ifdef SYS_poll
	SYS_poll,
#endif
	/* Workers. */
	SYS_socketpair, SYS_setsockopt, SYS_sendmsg, SYS_recvmsg, SYS_shutdown, SYS_fcntl,
	/* Memory. */
	SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_mlock,
	SYS_munlock, SYS_getrandom, SYS_sysinfo,
	/* Files. */
	SYS_openat, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_lseek, SYS_pread64,
	SYS_pwrite64, SYS_fsync, SYS_fdatasync, SYS_ftruncate, SYS_fchmod, SYS_getdents64,
	SYS_faccessat, SYS_faccessat2, SYS_readlinkat, SYS_mkdirat, SYS_unlinkat,
	SYS_renameat2, SYS_getcwd, SYS_umask,
#ifdef SYS_open
	SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_mkdir, SYS_unlink,
	SYS_rename,
#endif
#ifdef SYS_renameat
	SYS_renameat,
#endif
	/* Itself. */
	SYS_getpid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
	SYS_exit, SYS_exit_group,
	/* clang-format on */
};

/* Where agent.conf is, and where it really is when that is a link. */
static int allow_config(struct write_fence *fence, const char *path)
{
	scoped(freep) char *beside = strdup(path);
	scoped(freep) char *real = realpath(path, NULL);
	int r;

	if (!beside)
		return -ENOMEM;
	(void)directory_make(dirname(beside), 0755); /* enrolling says so if it failed */
	r = write_fence_allow(fence, beside, WRITE_FENCE_FILES);
	if (r == 0 && real)
		r = write_fence_allow(fence, dirname(real), WRITE_FENCE_FILES);
	return r;
}

/* Only to remove the socket at the end. */
static int allow_socket(struct write_fence *fence, const char *path)
{
	scoped(freep) char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	return write_fence_allow(fence, dirname(copy), WRITE_FENCE_REMOVAL);
}

static int fence_in(const struct agent *agent)
{
	scoped(write_fence_done) struct write_fence fence = WRITE_FENCE_INIT;
	int r = write_fence_begin(&fence);

	if (r <= 0)
		return r; /* the kernel has none */
	r = write_fence_allow(&fence, agent->state_path, WRITE_FENCE_FILES);
	if (r == 0)
		r = write_fence_allow(&fence, agent->runtime_path, WRITE_FENCE_FILES);
	if (r == 0)
		r = allow_config(&fence, agent->config_path);
	if (r == 0 && agent->listener.own.sun_path[0])
		r = allow_socket(&fence, agent->listener.own.sun_path);
	return r == 0 ? write_fence_enter(&fence) : r;
}

int core_sandbox_enter(const struct agent *agent, struct error *error)
{
	/* To libc an unknown call is that of a newer kernel: it takes an older one. */
	const struct call_filter filter = {
		.calls = allowed,
		.count = sizeof(allowed) / sizeof(allowed[0]),
		.listed = CALL_FILTER_MAY,
		.others = ENOSYS,
		.may_not_map = true,
	};
	int r = 0;

#ifndef __SANITIZE_ADDRESS__ /* its leak check starts a thread that stops the others */
	r = fence_in(agent);
	if (r == 0)
		r = call_filter_enter(&filter);
#else
	(void)agent;
	(void)fence_in;
	(void)filter;
#endif
	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "cannot confine itself: %s",
				 strerror(-r));
	return 0;
}
