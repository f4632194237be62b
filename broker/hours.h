/* SPDX-License-Identifier: MIT */
#ifndef BROKER_HOURS_H
#define BROKER_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Hours of the week in a time zone: "Mon-Fri 09:00-18:00 Europe/Berlin".
 * The zone's rules are read once, when the hours are; after that everything
 * here is a pure function, from any thread, whatever TZ says.
 */
struct zone;

struct hours {
	unsigned int weekdays;      /* bit 0 is Sunday, as tm_wday */
	int from_minute, to_minute; /* of the day; to is not included */
	struct zone *zone;
	char *text; /* as it was written */
};

/* Where the system keeps its zones (tzdata). */
#define ZONE_DIRECTORY "/usr/share/zoneinfo"

/*
 * Reads "DAYS HH:MM-HH:MM ZONE".  DAYS is "daily" or a list of days and
 * ranges, "Mon-Thu,Sat".  A range of hours that ends before it begins goes
 * past midnight and belongs to the day on which it begins.  ZONE is an IANA
 * name.  Returns 0 with *hours the caller's, -ENOMEM, or error_set().
 */
int hours_parse(const char *text, struct hours **hours, struct error *error);
void hours_free(struct hours *hours);

/* Whether `seconds` since 1970 lies within the hours, in their own zone. */
bool hours_include(const struct hours *hours, int64_t seconds);

/*
 * Reads a zone by its IANA name from the system's files; a name cannot lead
 * out of their directory.  Returns 0 with *zone the caller's, or error_set().
 */
int zone_load(const char *name, struct zone **zone, struct error *error);

/* Reads TZif bytes (RFC 8536) of version 2 and up.  0, -EINVAL or -ENOMEM. */
int zone_parse(const void *data, size_t length, struct zone **zone);
void zone_free(struct zone *zone);

/* Local time less UTC at that second, as RFC 8536 and its footer have it. */
int32_t zone_offset(const struct zone *zone, int64_t seconds);

static inline void hours_freep(struct hours **hours)
{
	hours_free(*hours);
	*hours = NULL;
}

static inline void zone_freep(struct zone **zone)
{
	zone_free(*zone);
	*zone = NULL;
}

#endif
