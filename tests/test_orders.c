/* SPDX-License-Identifier: MIT */
/* The launcher's orders, with the stream that each has. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/launcher-order.h"
#include "tests/agent_fixture.h"

static void test_an_order_arrives_with_its_stream(void **state)
{
	const struct order sent = { ORDER_RUN, LAUNCHER_KEYRING, 7 };
	struct order got;
	int ends[2], stream;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(order_send(ends[0], &sent, ends[1]), 0);
	assert_int_equal(order_receive(ends[1], &got, &stream), 1);
	assert_memory_equal(&got, &sent, sizeof(sent));
	assert_true(stream >= 0 && fcntl(stream, F_GETFD) == FD_CLOEXEC);
	close(stream);
	assert_int_equal(send(ends[0], &sent, sizeof(sent) - 1, 0), sizeof(sent) - 1);
	assert_int_equal(order_receive(ends[1], &got, &stream), -EBADMSG);
	close(ends[0]);
	assert_int_equal(order_receive(ends[1], &got, &stream), 0);
	close(ends[1]);
}

/* As a core might that was taken over, to use up the launcher's descriptors. */
static void test_two_streams_are_no_order_and_are_closed(void **state)
{
	const struct order sent = { ORDER_RUN, LAUNCHER_FETCH, 7 };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control = { .header = { .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS,
				  .cmsg_len = CMSG_LEN(2 * sizeof(int)) } };
	struct iovec bytes = { (void *)(uintptr_t)&sent, sizeof(sent) };
	struct msghdr message = { .msg_iov = &bytes,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof(control.room) };
	struct order got;
	int ends[2], stream, before;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	memcpy(CMSG_DATA(&control.header), ends, sizeof(ends));
	assert_int_equal(sendmsg(ends[0], &message, 0), sizeof(sent));
	before = dup(ends[0]);
	close(before);
	assert_int_equal(order_receive(ends[1], &got, &stream), -EBADMSG);
	assert_int_equal(stream, -1);
	stream = dup(ends[0]);
	assert_int_equal(stream, before);
	close(stream);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_order_arrives_with_its_stream),
		cmocka_unit_test(test_two_streams_are_no_order_and_are_closed),
	};

	return cmocka_run_group_tests_name("orders", tests, NULL, NULL);
}
