/* SPDX-License-Identifier: MIT */
#include "agent/fetch-sandbox.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/call-filter.h"
#include "agent/write-fence.h"

#define CPU_SECONDS 30
#define DATA_BYTES ((rlim_t)256 * 1024 * 1024)
#define DESCRIPTORS 64

/*
 * A list of what is refused, not of what is allowed: resolvers, NSS modules
 * and OpenSSL's engines call what they like, and differ between systems.
 */
static const int refused[] = {
	/* clang-format off */
	SYS_execve, SYS_execveat, SYS_process_vm_readv,
	SYS_process_vm_writev, SYS_pidfd_getfd, SYS_kcmp,
	SYS_mount, SYS_umount2, SYS_pivot_root,
	SYS_chroot, SYS_unshare, SYS_setns,
	SYS_bpf, SYS_perf_event_open, SYS_userfaultfd,
	SYS_io_uring_setup, SYS_keyctl, SYS_add_key,
	SYS_request_key, SYS_init_module, SYS_finit_module,
	SYS_kexec_load, SYS_open_by_handle_at, SYS_kill,
	SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo,
	SYS_pidfd_send_signal, SYS_unlinkat, SYS_renameat2,
	SYS_linkat, SYS_symlinkat, SYS_truncate,
	SYS_fchmodat, SYS_fchownat,
#ifdef SYS_renameat
	SYS_renameat,
#endif
#ifdef SYS_unlink /* older names of those, which libc still uses */
	SYS_unlink, SYS_rmdir, SYS_rename,
	SYS_link, SYS_symlink, SYS_chmod,
	SYS_chown, SYS_lchown,
#endif
#ifndef __SANITIZE_ADDRESS__ /* LeakSanitizer stops its own threads */
	SYS_ptrace, SYS_tgkill,
#endif
	/* clang-format on */
};

static int set_limits(void)
{
	/* clang-format off */
	const struct {
		int resource;
		rlim_t most;
	} limits[] = {
		{ RLIMIT_CPU,    CPU_SECONDS },
		{ RLIMIT_NOFILE, DESCRIPTORS },
#ifndef __SANITIZE_ADDRESS__ /* it writes its findings to a file */
		{ RLIMIT_FSIZE,  0 },
		{ RLIMIT_DATA,   DATA_BYTES },
#endif
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		const struct rlimit limit = { limits[i].most, limits[i].most };

		if (setrlimit((__rlimit_resource_t)limits[i].resource, &limit) < 0)
			return -errno;
	}
	return 0;
}

/* RLIMIT_FSIZE forbids to write, but not to open with O_TRUNC. */
static int fence_in(void)
{
	scoped(write_fence_done) struct write_fence fence = WRITE_FENCE_INIT;
	int r = write_fence_begin(&fence);

	return r <= 0 ? r : write_fence_enter(&fence);
}

int fetch_sandbox_enter(void)
{
	const struct call_filter filter = {
		.calls = refused,
		.count = sizeof(refused) / sizeof(refused[0]),
		.listed = EPERM,
		.others = CALL_FILTER_MAY,
	};
	int r = set_limits();

	if (r == 0)
		r = fence_in();
	return r == 0 ? call_filter_enter(&filter) : r;
}

struct watch {
	int fd;
	int longest_ms;
};

/* Asks for no event: poll() still tells of the hang-up, and of nothing else. */
static void *watch_until_gone(void *data)
{
	const struct watch *watch = data;
	struct pollfd peer = { .fd = watch->fd };

	while (poll(&peer, 1, watch->longest_ms) < 0 && errno == EINTR)
		;
	_exit(1);
}

int fetch_sandbox_watch(int fd, int longest_ms)
{
	static struct watch watch; /* outlives the caller, as the thread does */
	pthread_t thread;
	int r;

	watch = (struct watch){ fd, longest_ms };
	r = pthread_create(&thread, NULL, watch_until_gone, &watch);
	if (r == 0)
		pthread_detach(thread);
	return -r;
}
