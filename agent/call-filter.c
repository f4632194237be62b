/* SPDX-License-Identifier: MIT */
#include "agent/call-filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#define OTHER_ABI 0x40000000U /* x32's numbers, which the lists do not have */
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#define OTHER_ABI UINT32_MAX
#endif

#define INSTRUCTIONS_MAX (6 + 8 + 2 * CALL_FILTER_MAX + 1)

struct program {
	struct sock_filter code[INSTRUCTIONS_MAX];
	unsigned short used;
};

static void add(struct program *program, struct sock_filter instruction)
{
	program->code[program->used++] = instruction;
}

#define ADD(...) add(program, (struct sock_filter)__VA_ARGS__)
#define LOAD(field)                            \
	ADD(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
		     (uint32_t)offsetof(struct seccomp_data, field)))

static void add_end(struct program *program, uint32_t outcome)
{
	ADD(BPF_STMT(BPF_RET | BPF_K, outcome == CALL_FILTER_MAY
					  ? SECCOMP_RET_ALLOW
					  : SECCOMP_RET_ERRNO | outcome));
}

/* What follows applies to that call only; it has that many instructions. */
static void add_if(struct program *program, int call, uint8_t instructions)
{
	ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, instructions));
}

/* Both have the protection as their third argument, in its lower half. */
static void add_no_code(struct program *program, int call)
{
	add_if(program, call, 4);
	LOAD(args[2]);
	ADD(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1));
	add_end(program, EPERM);
	add_end(program, CALL_FILTER_MAY);
}

#ifdef OUR_ARCH
static void add_abi(struct program *program)
{
	LOAD(arch);
	ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0));
	ADD(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	LOAD(nr);
	ADD(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, OTHER_ABI, 0, 1));
	ADD(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
}

static int enter(struct program *program)
{
	const struct sock_fprog whole = { .len = program->used, .filter = program->code };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole, 0, 0) < 0 ? -errno : 0;
}
#endif

int call_filter_enter(const struct call_filter *filter)
{
#ifdef OUR_ARCH
	struct program program = { .used = 0 };

	if (filter->count > CALL_FILTER_MAX)
		return -E2BIG;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	add_abi(&program);
	if (filter->may_not_map) {
		add_no_code(&program, SYS_mprotect);
		add_no_code(&program, SYS_mmap);
	}
	for (size_t i = 0; i < filter->count; i++) {
		add_if(&program, filter->calls[i], 1);
		add_end(&program, filter->listed);
	}
	add_end(&program, filter->others);
	return enter(&program);
#else
	(void)filter;
	return 0;
#endif
}
