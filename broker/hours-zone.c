/* SPDX-License-Identifier: MIT */
#include "broker/hours.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "broker/hours-rule.h"

/*
 * TZif, RFC 8536.  libc's own reader knows one zone at a time, chosen by the
 * environment of the whole process, which threads may not change.
 */
#define ZONE_FILE_MAX ((size_t)256 * 1024)
#define ZONE_NAME_MAX 64
#define HEADER_SIZE 44
#define TRANSITIONS_MAX 8192U
#define TYPES_MAX 256U
#define OFFSET_MAX (26 * 3600) /* RFC 8536, 3.2: -25 to +26 hours */

struct zone {
	size_t count;
	int64_t *times; /* ascending; from times[i] on, offsets[i] holds */
	int32_t *offsets;
	int32_t first; /* before times[0] */
	bool has_rule; /* after the last one */
	struct zone_rule rule;
};

struct header {
	size_t isut, isstd, leap, time, type, character;
};

struct bytes {
	const unsigned char *next;
	size_t left;
};

void zone_free(struct zone *zone)
{
	if (!zone)
		return;
	free(zone->times);
	free(zone->offsets);
	free(zone);
}

static const unsigned char *take_bytes(struct bytes *bytes, size_t count)
{
	const unsigned char *taken = bytes->next;

	if (bytes->left < count)
		return NULL;
	bytes->next += count;
	bytes->left -= count;
	return taken;
}

static uint64_t big_endian(const unsigned char *bytes, int count)
{
	uint64_t number = 0;

	for (int i = 0; i < count; i++)
		number = number << 8 | bytes[i];
	return number;
}

static int read_header(struct bytes *bytes, struct header *header)
{
	const unsigned char *at = take_bytes(bytes, HEADER_SIZE);
	size_t *const counts[] = { &header->isut, &header->isstd, &header->leap,
				   &header->time, &header->type,  &header->character };

	if (!at || memcmp(at, "TZif", 4) != 0 || at[4] < '2')
		return -EINVAL;
	for (size_t i = 0; i < 6; i++)
		*counts[i] = (size_t)big_endian(at + 20 + 4 * i, 4);
	if (header->isut > TYPES_MAX || header->isstd > TYPES_MAX ||
	    header->leap > TRANSITIONS_MAX || header->time > TRANSITIONS_MAX ||
	    header->type > TYPES_MAX || header->type == 0 || header->character > 4096)
		return -EINVAL;
	return 0;
}

/* The first block is for readers of 32-bit times; the second repeats it in 64. */
static int skip_first_block(struct bytes *bytes)
{
	struct header header;

	if (read_header(bytes, &header) < 0)
		return -EINVAL;
	return take_bytes(bytes, header.time * 5 + header.type * 6 + header.character +
				     header.leap * 8 + header.isstd + header.isut)
		   ? 0
		   : -EINVAL;
}

static int read_offset(const unsigned char *type, int32_t *offset)
{
	*offset = (int32_t)(uint32_t)big_endian(type, 4);
	return *offset < -OFFSET_MAX || *offset > OFFSET_MAX ? -EINVAL : 0;
}

static int fill(struct zone *zone, const struct header *header,
		const unsigned char *times, const unsigned char *indexes,
		const unsigned char *types)
{
	zone->count = header->time;
	zone->times = calloc(header->time + 1, sizeof(*zone->times));
	zone->offsets = calloc(header->time + 1, sizeof(*zone->offsets));
	if (!zone->times || !zone->offsets)
		return -ENOMEM;
	for (size_t i = 0; i < header->time; i++) {
		zone->times[i] = (int64_t)big_endian(times + 8 * i, 8);
		if ((i > 0 && zone->times[i] <= zone->times[i - 1]) ||
		    indexes[i] >= header->type ||
		    read_offset(types + (size_t)6 * indexes[i], &zone->offsets[i]) < 0)
			return -EINVAL;
	}
	return read_offset(types, &zone->first);
}

static int read_footer(struct bytes *bytes, struct zone *zone)
{
	const unsigned char *newline;
	char text[128];
	size_t length;

	if (!take_bytes(bytes, 1) || bytes->next[-1] != '\n')
		return -EINVAL;
	newline = memchr(bytes->next, '\n', bytes->left);
	length = newline ? (size_t)(newline - bytes->next) : 0;
	if (!newline || length >= sizeof(text) || memchr(bytes->next, '\0', length))
		return -EINVAL;
	if (length == 0)
		return 0;
	memcpy(text, bytes->next, length);
	text[length] = '\0';
	zone->has_rule = true;
	return zone_rule_parse(text, &zone->rule);
}

int zone_parse(const void *data, size_t length, struct zone **zone)
{
	scoped(zone_freep) struct zone *new = NULL;
	struct bytes bytes = { data, length };
	const unsigned char *times, *indexes, *types;
	struct header header;
	int r;

	if (skip_first_block(&bytes) < 0 || read_header(&bytes, &header) < 0)
		return -EINVAL;
	times = take_bytes(&bytes, header.time * 8);
	indexes = take_bytes(&bytes, header.time);
	types = take_bytes(&bytes, header.type * 6);
	if (!times || !indexes || !types ||
	    !take_bytes(&bytes,
			header.character + header.leap * 12 + header.isstd + header.isut))
		return -EINVAL;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	r = fill(new, &header, times, indexes, types);
	if (r == 0)
		r = read_footer(&bytes, new);
	if (r == 0)
		*zone = take(new);
	return r;
}

/* Letters, digits and - + _ in parts between single slashes: no way up or out. */
static bool is_zone_name(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
				      "wxyz0123456789-+_";
	size_t length = strlen(name);

	if (length == 0 || length > ZONE_NAME_MAX || name[length - 1] == '/')
		return false;
	for (const char *part = name;; part++) {
		size_t count = strspn(part, letters);

		if (count == 0)
			return false;
		part += count;
		if (!*part)
			return true;
		if (*part != '/')
			return false;
	}
}

static int read_zone_file(const char *name, struct buffer *buffer)
{
	scoped(closep) int directory = -1;
	scoped(closep) int fd = -1;
	struct stat status;

	directory = open(ZONE_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return -ENOTDIR;
	fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -ENOENT;
	return buffer_read_all(buffer, fd);
}

int zone_load(const char *name, struct zone **zone, struct error *error)
{
	scoped(buffer_done) struct buffer buffer = BUFFER_WITH_LIMIT(ZONE_FILE_MAX);
	int r = is_zone_name(name) ? read_zone_file(name, &buffer) : -EINVAL;

	if (r == -ENOTDIR)
		return error_set(error, ERROR_USAGE,
				 "this machine has no time zones in " ZONE_DIRECTORY
				 "; install the package tzdata");
	if (r == 0)
		r = zone_parse(buffer.bytes, buffer.used, zone);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return error_set(error, ERROR_USAGE,
				 "no time zone named '%s'; write an IANA name, for "
				 "example Europe/Berlin or UTC",
				 TEXT_ESCAPED(name));
	return 0;
}

int32_t zone_offset(const struct zone *zone, int64_t seconds)
{
	size_t low = 0, high = zone->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->times[middle] <= seconds)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == zone->count && zone->has_rule)
		return zone_rule_offset(&zone->rule, seconds);
	return low == 0 ? zone->first : zone->offsets[low - 1];
}
