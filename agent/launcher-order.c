/* SPDX-License-Identifier: MIT */
#include "agent/launcher-order.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* There is always room for two: the padding behind the first one is as large. */
#define STREAMS_MAX 2

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(STREAMS_MAX * sizeof(int))];
};

int order_send(int fd, const struct order *order, int stream)
{
	struct iovec bytes = { (void *)(uintptr_t)order, sizeof(*order) };
	union control control = { .room = { 0 } };
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };

	if (stream >= 0) {
		struct cmsghdr *header;

		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(sizeof(int));
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &stream, sizeof(int));
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Takes the one stream that an order has.  More than that are closed: no order. */
static int take_stream(struct msghdr *message, int *stream)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int streams[STREAMS_MAX];
	size_t count;

	*stream = -1;
	if (!header || header->cmsg_level != SOL_SOCKET ||
	    header->cmsg_type != SCM_RIGHTS)
		return 0;
	count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(streams, CMSG_DATA(header), count * sizeof(int));
	if (count == 1) {
		*stream = streams[0];
		return 0;
	}
	while (count > 0)
		close(streams[--count]);
	return -EBADMSG;
}

int order_receive(int fd, struct order *order, int *stream)
{
	struct iovec bytes = { order, sizeof(*order) };
	union control control = { .room = { 0 } };
	struct msghdr message = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	int r;

	*stream = -1;
	if (got < 0)
		return -errno;
	r = take_stream(&message, stream);
	if (got == 0)
		return 0; /* an empty packet cannot be told from the end */
	if (r < 0 || (size_t)got != sizeof(*order) ||
	    (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return -EBADMSG;
	return 1;
}
