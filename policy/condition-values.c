/* SPDX-License-Identifier: MIT */
#include "policy/condition-values.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DIGITS "0123456789"

/* Reads exactly that many digits, a number within the bounds. */
static bool read_digits(const char **text, size_t count, int least, int most, int *number)
{
	if (strspn(*text, DIGITS) < count)
		return false;
	*number = 0;
	for (size_t i = 0; i < count; i++)
		*number = *number * 10 + (*(*text)++ - '0');
	return *number >= least && *number <= most;
}

static bool take(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

/* "Z", "+01:00", "-05:30": minutes from UTC. */
static bool read_zone(const char **text, int *minutes)
{
	int sign = **text == '-' ? -1 : 1, hours;

	*minutes = 0;
	if (take(text, 'Z'))
		return true;
	if (!take(text, '+') && !take(text, '-'))
		return false;
	if (!read_digits(text, 2, 0, 23, &hours) || !take(text, ':') ||
	    !read_digits(text, 2, 0, 59, minutes))
		return false;
	*minutes = sign * (hours * 60 + *minutes);
	return true;
}

/* ".5": as many digits as there are, of which three count. */
static bool read_fraction(const char **text, int *milliseconds)
{
	size_t digits = strspn(*text, DIGITS);

	*milliseconds = 0;
	for (size_t i = 0; i < 3; i++)
		*milliseconds = *milliseconds * 10 + (i < digits ? (*text)[i] - '0' : 0);
	*text += digits;
	return digits > 0;
}

static bool read_clock(const char **text, struct tm *tm, int *milliseconds, int *zone)
{
	if (!read_digits(text, 2, 0, 23, &tm->tm_hour) || !take(text, ':') ||
	    !read_digits(text, 2, 0, 59, &tm->tm_min))
		return false;
	if (take(text, ':') && !read_digits(text, 2, 0, 59, &tm->tm_sec))
		return false;
	if (take(text, '.') && !read_fraction(text, milliseconds))
		return false;
	return read_zone(text, zone);
}

static bool read_date(const char **text, struct tm *tm)
{
	if (!read_digits(text, 4, 0, 9999, &tm->tm_year))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mday = 1;
	if (!take(text, '-'))
		return true;
	if (!read_digits(text, 2, 1, 12, &tm->tm_mon))
		return false;
	tm->tm_mon--;
	return !take(text, '-') || read_digits(text, 2, 1, 31, &tm->tm_mday);
}

bool value_read_time(const char *text, int64_t *milliseconds)
{
	struct tm tm = { 0 };
	int fraction = 0, zone = 0;
	size_t digits = strspn(text, DIGITS);

	if (digits > 4 && digits < 14 && text[digits] == '\0') {
		*milliseconds = strtoll(text, NULL, 10) * 1000;
		return true;
	}
	if (!read_date(&text, &tm) ||
	    (take(&text, 'T') && !read_clock(&text, &tm, &fraction, &zone)) || *text)
		return false;
	*milliseconds = ((int64_t)timegm(&tm) - zone * INT64_C(60)) * 1000 + fraction;
	return true;
}

bool value_read_number(const char *text, double *number)
{
	char *end;

	if (!*text || strspn(text, DIGITS "+-.eE") != strlen(text))
		return false;
	*number = strtod(text, &end);
	return *end == '\0';
}

/* An address of either family as bytes; returns how many, 0: it is none. */
static size_t read_address(const char *text, unsigned char bytes[static 16])
{
	if (inet_pton(AF_INET, text, bytes) == 1)
		return 4;
	return inet_pton(AF_INET6, text, bytes) == 1 ? 16 : 0;
}

static bool read_prefix(const char *text, size_t most, size_t *bits)
{
	size_t digits = strspn(text, DIGITS);

	*bits = digits > 0 && digits < 4 ? (size_t)strtoul(text, NULL, 10) : most + 1;
	return text[digits] == '\0' && *bits <= most;
}

/* A range as an address and a number of bits; returns the bytes, 0: it is none. */
static size_t read_range(const char *range, unsigned char bytes[static 16], size_t *bits)
{
	char base[INET6_ADDRSTRLEN];
	size_t length = strcspn(range, "/"), size;

	if (length >= sizeof(base))
		return 0;
	memcpy(base, range, length);
	base[length] = '\0';
	size = read_address(base, bytes);
	*bits = size * 8;
	if (size > 0 && range[length] == '/' &&
	    !read_prefix(range + length + 1, size * 8, bits))
		return 0;
	return size;
}

bool value_is_range(const char *range)
{
	unsigned char bytes[16];
	size_t bits;

	return read_range(range, bytes, &bits) > 0;
}

bool value_is_in_range(const char *range, const char *address)
{
	unsigned char wanted[16], given[16];
	size_t bits, size = read_range(range, wanted, &bits);

	if (size == 0 || read_address(address, given) != size)
		return false;
	for (size_t i = 0; i < bits; i++)
		if ((wanted[i / 8] ^ given[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}
