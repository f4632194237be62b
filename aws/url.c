/* SPDX-License-Identifier: MIT */
#include "aws/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static void url_freep(CURLU **url)
{
	curl_url_cleanup(*url);
}

static void part_freep(char **part)
{
	curl_free(*part);
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static bool has_part(CURLU *url, CURLUPart which)
{
	scoped(part_freep) char *part = NULL;

	return curl_url_get(url, which, &part, 0) == CURLUE_OK;
}

static bool host_is_loopback(const char *host)
{
	struct in_addr address;

	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, host, &address) == 1 &&
	       ntohl(address.s_addr) >> 24 == 127;
}

static int check_parts(CURLU *url, struct url_traits *traits, struct error *error)
{
	scoped(part_freep) char *scheme = NULL;
	scoped(part_freep) char *host = NULL;
	scoped(part_freep) char *port = NULL;

	if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD) ||
	    has_part(url, CURLUPART_FRAGMENT))
		return error_set(error, ERROR_USAGE,
				 "a URL may hold no user, password or fragment");
	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK)
		return error_set(error, ERROR_USAGE, "not a URL with a scheme and host");
	traits->is_plain = strcmp(scheme, "http") == 0;
	if (!traits->is_plain && strcmp(scheme, "https") != 0)
		return error_set(error, ERROR_USAGE, "not an https URL: %s",
				 TEXT_ESCAPED(scheme));
	snprintf(traits->host, sizeof(traits->host), "%s:%s", host, port);
	if (traits->is_plain && !host_is_loopback(host))
		return error_set(error, ERROR_USAGE,
				 "plain http is for 127.0.0.1, [::1] and localhost only, "
				 "not %s",
				 traits->host);
	return 0;
}

int url_check(const char *url, struct url_traits *traits, struct error *error)
{
	scoped(url_freep) CURLU *parsed = NULL;

	if (strlen(url) > URL_MAX || !is_printable(url))
		return error_set(error, ERROR_USAGE,
				 "a URL is at most %d printable ASCII characters",
				 URL_MAX);
	parsed = curl_url();
	if (!parsed)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK)
		return error_set(error, ERROR_USAGE, "not a URL that can be called");
	return check_parts(parsed, traits, error);
}

bool address_is_loopback(const struct sockaddr *address)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

	if (address->sa_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == 127;
	if (address->sa_family != AF_INET6)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) ||
	       (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) &&
		six->sin6_addr.s6_addr[12] == 127);
}
