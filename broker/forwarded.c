/* SPDX-License-Identifier: MIT */
#include "broker/forwarded.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "broker/listen.h"

/* IPv6 with an IPv4 address at its end, and a NUL: inet_pton() takes no more. */
#define TEXT_SIZE 46

static bool read_address(const char *text, struct sockaddr_storage *address)
{
	struct sockaddr_in *four = (struct sockaddr_in *)address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
		address->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
		address->ss_family = AF_INET6;
	return address->ss_family != AF_UNSPEC;
}

bool forwarded_is_address(const char *text)
{
	struct sockaddr_storage address;

	return read_address(text, &address);
}

/* ::ffff:10.0.0.1 is 10.0.0.1, as a socket for both sees it. */
static const void *bytes_of(const struct sockaddr *address, size_t *length)
{
	const struct in6_addr *six = &((const struct sockaddr_in6 *)address)->sin6_addr;

	*length = sizeof(struct in_addr);
	if (address->sa_family == AF_INET)
		return &((const struct sockaddr_in *)address)->sin_addr;
	if (IN6_IS_ADDR_V4MAPPED(six))
		return six->s6_addr + 12;
	*length = sizeof(*six);
	return six;
}

static bool is_same(const struct sockaddr *a, const struct sockaddr *b)
{
	size_t a_length, b_length;
	const void *a_bytes = bytes_of(a, &a_length);
	const void *b_bytes = bytes_of(b, &b_length);

	return a_length == b_length && memcmp(a_bytes, b_bytes, a_length) == 0;
}

static bool is_trusted(const struct sockaddr *peer, const char *trusted)
{
	struct sockaddr_storage proxy;

	return peer && (peer->sa_family == AF_INET || peer->sa_family == AF_INET6) &&
	       read_address(trusted, &proxy) && is_same(peer, (struct sockaddr *)&proxy);
}

static bool read_last(const char *header, struct sockaddr_storage *address)
{
	const char *comma = strrchr(header, ',');
	const char *start = comma ? comma + 1 : header;
	char text[TEXT_SIZE];
	size_t length;

	start += strspn(start, " \t");
	length = strcspn(start, " \t");
	if (length >= sizeof(text) || start[length + strspn(start + length, " \t")])
		return false;
	memcpy(text, start, length);
	text[length] = '\0';
	return read_address(text, address);
}

void forwarded_peer_name(const struct sockaddr *peer, const char *trusted,
			 const char *header, char *out, size_t size)
{
	struct sockaddr_storage last;

	if (header && is_trusted(peer, trusted) && read_last(header, &last))
		peer = (struct sockaddr *)&last;
	listen_peer_name(peer, out, size);
}
