/* SPDX-License-Identifier: MIT */
#ifndef BROKER_CODES_H
#define BROKER_CODES_H

#include <stdint.h>

#include "broker/audit.h"
#include "broker/store.h"

/*
 * One-time codes, "7H2K-93QF": 40 random bits for ten minutes, for one device
 * of one person.  The store has a hash only.
 */
#define CODE_TEXT_SIZE 10 /* with its NUL */
#define CODE_LIFETIME_SECONDS 600
#define CODE_GUESSES_MAX 5 /* wrong codes an hour from one address */
#define CODE_GUESS_SECONDS 3600

/* Makes a code for a person and writes its hash down.  0 or error_set(). */
int codes_make(struct transaction *transaction, const struct audit_origin *origin,
	       const char *user, int64_t now_seconds, char text[static CODE_TEXT_SIZE],
	       struct error *error);

/*
 * Whether so many wrong codes came from that address within the hour that the next
 * one is not even counted: 1 with refused filled, 0, or error_set().
 */
int codes_are_shut(struct transaction *transaction, const char *address,
		   int64_t now_seconds, struct error *refused, struct error *error);

/*
 * Spends a code for a device: adds the device and marks the code used.  A code
 * that is wrong, used or expired counts against the address and is
 * refused: 0 with refused filled, so that the count is kept.  1 with the person's
 * name in device->user when it was good; negative if nothing could be written.
 */
int codes_spend(struct transaction *transaction, const struct audit_origin *origin,
		const char *text, int64_t now_seconds, struct device *device,
		struct error *refused, struct error *error);

#endif
