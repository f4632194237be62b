/* SPDX-License-Identifier: MIT */
#include "agent/launcher-order.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

int order_send(int fd, const struct order *order, int stream)
{
	struct iovec bytes = { (void *)(uintptr_t)order, sizeof(*order) };
	union control control = { .room = { 0 } };
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };

	if (stream >= 0) {
		struct cmsghdr *header;

		message.msg_control = control.room;
		message.msg_controllen = sizeof(control.room);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &stream, sizeof(int));
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
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
	struct cmsghdr *header;

	*stream = -1;
	if (got <= 0)
		return got < 0 ? -errno : 0;
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(stream, CMSG_DATA(header), sizeof(int));
	if ((size_t)got != sizeof(*order) ||
	    (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return -EBADMSG;
	return 1;
}
