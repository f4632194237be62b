/* SPDX-License-Identifier: MIT */
#include "broker/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define HOST_SIZE 64
#define PORT_SIZE 8

static bool is_loopback(const struct sockaddr *address)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

	if (address->sa_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == 127;
	return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

/* Splits "127.0.0.1:80" and "[::1]:80"; both parts within their sizes. */
static int split(const char *address, char host[static HOST_SIZE],
		 char port[static PORT_SIZE])
{
	const char *colon = strrchr(address, ':');
	size_t length = colon ? (size_t)(colon - address) : 0;
	bool has_brackets = length >= 2 && address[0] == '[' && colon[-1] == ']';

	if (has_brackets) {
		address++;
		length -= 2;
	}
	if (length == 0 || length >= HOST_SIZE || strlen(colon + 1) >= PORT_SIZE ||
	    strlen(colon + 1) == 0)
		return -EINVAL;
	memcpy(host, address, length);
	host[length] = '\0';
	snprintf(port, PORT_SIZE, "%s", colon + 1);
	return 0;
}

/* getaddrinfo() takes 99999 for 34463. */
static bool is_port(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0' &&
	       strtoul(text, NULL, 10) <= 65535;
}

static int find_address(const char *address, struct sockaddr_storage *out,
			socklen_t *length, struct error *error)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found = NULL;
	char host[HOST_SIZE], port[PORT_SIZE];

	if (split(address, host, port) < 0 || !is_port(port) ||
	    getaddrinfo(host, port, &hints, &found) != 0)
		return error_set(error, ERROR_USAGE,
				 "listen = %s is not ADDRESS:PORT or [ADDRESS]:PORT",
				 address);
	memcpy(out, found->ai_addr, found->ai_addrlen);
	*length = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static int open_socket(const struct sockaddr *address, socklen_t length, int *result)
{
	scoped(closep) int fd = socket(address->sa_family,
				       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int yes = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
	    bind(fd, address, length) < 0 || listen(fd, SOMAXCONN) < 0)
		return -errno;
	*result = take_fd(&fd);
	return 0;
}

static void write_url(int fd, bool has_tls, char url[static LISTEN_URL_SIZE])
{
	struct sockaddr_storage bound = { 0 };
	socklen_t length = sizeof(bound);
	char host[HOST_SIZE] = "", port[PORT_SIZE] = "";

	getsockname(fd, (struct sockaddr *)&bound, &length);
	getnameinfo((struct sockaddr *)&bound, length, host, sizeof(host), port,
		    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(url, LISTEN_URL_SIZE,
		 bound.ss_family == AF_INET6 ? "%s://[%s]:%s" : "%s://%s:%s",
		 has_tls ? "https" : "http", host, port);
}

static int find_allowed(const char *address, bool has_tls, struct sockaddr_storage *where,
			socklen_t *length, struct error *error)
{
	int r = find_address(address, where, length, error);

	if (r == 0 && !has_tls && !is_loopback((struct sockaddr *)where))
		r = error_set(error, ERROR_USAGE,
			      "plain http is for loopback only: listen = %s needs "
			      "tls_certificate and tls_key",
			      address);
	return r;
}

int listen_check(const char *address, bool has_tls, struct error *error)
{
	struct sockaddr_storage where = { 0 };
	socklen_t length = 0;

	return find_allowed(address, has_tls, &where, &length, error);
}

int listen_open(const char *address, bool has_tls, int *fd,
		char url[static LISTEN_URL_SIZE], struct error *error)
{
	struct sockaddr_storage where = { 0 };
	socklen_t length = 0;
	int r = find_allowed(address, has_tls, &where, &length, error);

	if (r < 0)
		return r;
	r = open_socket((struct sockaddr *)&where, length, fd);
	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "cannot listen on %s: %s",
				 address, strerror(-r));
	write_url(*fd, has_tls, url);
	return 0;
}

static const struct in6_addr *six_of(const struct sockaddr *peer)
{
	return &((const struct sockaddr_in6 *)peer)->sin6_addr;
}

void listen_peer_name(const struct sockaddr *peer, char *out, size_t size)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct in6_addr network;

	snprintf(out, size, "unknown");
	if (!peer)
		return;
	if (peer->sa_family == AF_INET) {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)peer)->sin_addr, text,
			  sizeof(text));
		snprintf(out, size, "%s", text);
	} else if (peer->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(six_of(peer))) {
		inet_ntop(AF_INET, six_of(peer)->s6_addr + 12, text, sizeof(text));
		snprintf(out, size, "%s", text);
	} else if (peer->sa_family == AF_INET6) {
		network = *six_of(peer);
		memset(network.s6_addr + 8, 0, 8);
		inet_ntop(AF_INET6, &network, text, sizeof(text));
		snprintf(out, size, "%s/64", text);
	}
}

bool listen_url_is_loopback(const char *url)
{
	static const char *const hosts[] = { "127.0.0.1", "[::1]", "localhost" };
	const char *host = strstr(url, "://");

	for (size_t i = 0; host && i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		size_t length = strlen(hosts[i]);

		if (strncmp(host + 3, hosts[i], length) == 0 &&
		    strchr(":/", host[3 + length]))
			return true;
	}
	return false;
}
