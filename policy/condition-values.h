/* SPDX-License-Identifier: MIT */
#ifndef POLICY_CONDITION_VALUES_H
#define POLICY_CONDITION_VALUES_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What the values of condition keys are, beyond texts.  IAM User Guide, "IAM JSON
 * policy elements: Condition operators".
 */

/*
 * A time as W3C's profile of ISO 8601 has it ("2026", "2026-11-24",
 * "2026-11-24T15:30Z", "2026-11-24T15:30:00.5+01:00"), or seconds since 1970.
 * Returns whether it is one, with milliseconds since 1970.
 */
bool value_read_time(const char *text, int64_t *milliseconds);

/* An integer or a decimal number. */
bool value_read_number(const char *text, double *number);

/* Whether it is an address or a range of them. */
bool value_is_range(const char *range);

/* Whether an address is in a range ("203.0.113.0/24", "2001:db8::/32") or is it. */
bool value_is_in_range(const char *range, const char *address);

#endif
