/* SPDX-License-Identifier: MIT */
/* What a core that was taken over sends to the launcher: packets of any length. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/launcher-order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* With so many descriptors on it. */
static void send_packet(int fd, const uint8_t *data, size_t size, size_t descriptors)
{
	struct iovec bytes = { (void *)(uintptr_t)data, size };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control = { .room = { 0 } };
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };

	if (descriptors > 0) {
		int *streams;

		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(descriptors * sizeof(int));
		streams = (int *)(void *)CMSG_DATA(&control.header);
		for (size_t i = 0; i < descriptors; i++)
			streams[i] = fd;
	}
	(void)!sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* None stays open behind the back of the one who receives. */
static int lowest_free(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int ends[2], before = lowest_free();

	if (size < 1 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return 0;
	send_packet(ends[0], data + 1, size - 1, data[0] & 3);
	close(ends[0]);
	for (;;) {
		struct order order;
		int stream, r = order_receive(ends[1], &order, &stream);

		assert(r == 1 || r == 0 || r == -EBADMSG);
		if (stream >= 0)
			close(stream);
		if (r == 0)
			break;
	}
	close(ends[1]);
	assert(lowest_free() == before);
	return 0;
}
