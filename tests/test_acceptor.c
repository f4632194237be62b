/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "broker/acceptor.h"
#include "broker/listen.h"

#define DEADLINE_MS 20000
#define A_MOMENT_MS 300

struct place {
	int fd;
	struct sockaddr_in address;
	int handed_on[2]; /* descriptors come through here */
	struct acceptor *acceptor;
};

static void hand_on(void *data, int fd, const struct sockaddr *peer, socklen_t length)
{
	struct place *place = data;

	(void)length;
	assert_int_equal(peer->sa_family, AF_INET);
	assert_int_equal(write(place->handed_on[1], &fd, sizeof(fd)), sizeof(fd));
}

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	socklen_t length = sizeof(place->address);
	char url[LISTEN_URL_SIZE];

	assert_int_equal(pipe(place->handed_on), 0);
	assert_int_equal(listen_open("127.0.0.1:0", false, &place->fd, url, NULL), 0);
	getsockname(place->fd, (struct sockaddr *)&place->address, &length);
	assert_int_equal(
	    acceptor_start(place->fd, hand_on, place, &place->acceptor, NULL), 0);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	acceptor_stop(place->acceptor);
	close(place->fd);
	close(place->handed_on[0]);
	close(place->handed_on[1]);
	free(place);
	return 0;
}

static int make_client(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void connect_client(const struct place *place, int client)
{
	assert_int_equal(connect(client, (const struct sockaddr *)&place->address,
				 sizeof(place->address)),
			 0);
}

/* The server's end of a connection, or -1 if none comes within that time. */
static int wait_for_one(const struct place *place, int ms)
{
	struct pollfd watched = { .fd = place->handed_on[0], .events = POLLIN };
	int fd;

	if (poll(&watched, 1, ms) != 1)
		return -1;
	assert_int_equal(read(place->handed_on[0], &fd, sizeof(fd)), sizeof(fd));
	return fd;
}

static void assert_connected(int client, int server)
{
	char byte = 0;

	assert_true(server >= 0);
	assert_int_equal(send(client, "x", 1, MSG_NOSIGNAL), 1);
	assert_int_equal(
	    poll(&(struct pollfd){ .fd = server, .events = POLLIN }, 1, DEADLINE_MS), 1);
	assert_int_equal(recv(server, &byte, 1, 0), 1);
	assert_int_equal(byte, 'x');
}

static void test_connections_are_handed_on_in_their_order(void **state)
{
	struct place *place = *state;
	int clients[3];

	for (size_t i = 0; i < 3; i++) {
		clients[i] = make_client();
		connect_client(place, clients[i]);
	}
	for (size_t i = 0; i < 3; i++) {
		scoped(closep) int server = wait_for_one(place, DEADLINE_MS);

		assert_connected(clients[i], server);
		close(clients[i]);
	}
}

static void limit_files(int most)
{
	struct rlimit files;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = (rlim_t)most;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
}

/* It waits in the queue meanwhile, and nothing spins. */
static void test_without_a_descriptor_a_connection_waits(void **state)
{
	struct place *place = *state;
	scoped(closep) int client = make_client();
	scoped(closep) int server = -1;

	limit_files(client + 1);
	connect_client(place, client);
	assert_int_equal(wait_for_one(place, A_MOMENT_MS), -1);
	limit_files(client + 64);
	server = wait_for_one(place, DEADLINE_MS);
	assert_connected(client, server);
}

static void test_once_stopped_it_takes_none(void **state)
{
	struct place *place = *state;
	scoped(closep) int client = make_client();

	acceptor_stop(take(place->acceptor));
	connect_client(place, client);
	assert_int_equal(wait_for_one(place, A_MOMENT_MS), -1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_connections_are_handed_on_in_their_order),
		TEST(test_without_a_descriptor_a_connection_waits),
		TEST(test_once_stopped_it_takes_none),
	};

	return cmocka_run_group_tests_name("acceptor", tests, NULL, NULL);
}
