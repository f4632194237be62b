/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/descriptors.h"

/* In a process of its own, as a program whose caller closed what bits says. */
static int start_without(unsigned int closed)
{
	char byte;

	for (int fd = 0; fd < 3; fd++)
		if (closed & (1U << fd))
			close(fd);
	descriptors_hold_standard();
	if (open("/dev/null", O_RDWR | O_CLOEXEC) < 3)
		return 1;
	if (closed & 1 && (read(0, &byte, 1) != -1 || errno != EBADF))
		return 2;
	for (int fd = 1; fd < 3; fd++)
		if (closed & (1U << fd) && (write(fd, "x", 1) != -1 || errno != EBADF))
			return 3;
	return 0;
}

static void test_no_file_of_ours_gets_a_standard_number(void **state)
{
	(void)state;
	for (unsigned int closed = 0; closed < 8; closed++) {
		pid_t pid = fork();
		int status = -1;

		if (pid == 0)
			_exit(start_without(closed));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status != 0)
			fail_msg("closed %u: status %x", closed, (unsigned int)status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_file_of_ours_gets_a_standard_number),
	};

	return cmocka_run_group_tests_name("descriptors", tests, NULL, NULL);
}
