/* SPDX-License-Identifier: MIT */
#ifndef BROKER_HOURS_RULE_H
#define BROKER_HOURS_RULE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The last line of a TZif file, "CET-1CEST,M3.5.0,M10.5.0/3": how a zone goes
 * on for ever.  POSIX.1-2017, 8.3, TZ, with the hours of RFC 8536, 3.3.1.
 */
enum zone_day_form {
	ZONE_DAY_OF_MONTH, /* Mm.w.d */
	ZONE_DAY_JULIAN,   /* Jn, 29 February never counts */
	ZONE_DAY_OF_YEAR,  /* n, from 0 */
};

struct zone_change {
	enum zone_day_form form;
	int month, week, day;
	int32_t seconds; /* of that day, in the local time before it */
};

struct zone_rule {
	int32_t standard, daylight; /* seconds east of UTC */
	bool has_daylight;
	struct zone_change start, end; /* of daylight time */
};

/* Returns 0, or -EINVAL with *rule in no state to be used. */
int zone_rule_parse(const char *text, struct zone_rule *rule);
int32_t zone_rule_offset(const struct zone_rule *rule, int64_t seconds);

#endif
