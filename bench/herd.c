/* SPDX-License-Identifier: MIT */
/*
 * herd SOCKET COUNT REQUEST
 *
 * COUNT connections at once, each with REQUEST and a NUL sent before the first
 * answer is read.  Prints how many were answered with at least 500 bytes (a
 * document, not an error), and the seconds until the last one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bench/stats.h"

#define LEAST_DOCUMENT 500

static int open_call(const struct sockaddr_un *address, const char *request)
{
	scoped(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return -1;
	if (send(fd, request, strlen(request) + 1, MSG_NOSIGNAL) < 0)
		return -1;
	return take_fd(&fd);
}

static size_t read_answer(int fd)
{
	char answer[16384];
	size_t total = 0;
	ssize_t got;

	while ((got = recv(fd, answer, sizeof(answer), 0)) > 0)
		total += (size_t)got;
	close(fd);
	return total;
}

static int stampede(const struct sockaddr_un *address, size_t count, const char *request)
{
	scoped(freep) int *fds = calloc(count, sizeof(*fds));
	int64_t start = stats_now();
	size_t answered = 0;

	if (!fds)
		return 1;
	for (size_t i = 0; i < count; i++)
		fds[i] = open_call(address, request);
	for (size_t i = 0; i < count; i++)
		if (fds[i] >= 0 && read_answer(fds[i]) >= LEAST_DOCUMENT)
			answered++;
	printf("%zu %.3f\n", answered, (double)(stats_now() - start) / 1e9);
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct rlimit files;

	if (argc != 4 || strlen(argv[1]) >= sizeof(address.sun_path)) {
		fputs("usage: herd SOCKET COUNT REQUEST\n", stderr);
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	memcpy(address.sun_path, argv[1], strlen(argv[1]) + 1);
	return stampede(&address, strtoul(argv[2], NULL, 10), argv[3]);
}
