/* SPDX-License-Identifier: MIT */
#ifndef BROKER_ENDS_CHECK_H
#define BROKER_ENDS_CHECK_H

#include "broker/iam-account.h"
#include "broker/profiles.h"

/*
 * What `check` and `serve` say of the ends of sessions: which ones AWS does not
 * enforce and by how much, and whether roles made beforehand are as they should be.
 */

/*
 * All that `check` says of it: with iam = off what AWS doesn't enforce, with
 * iam = on what AWS says of keys, accounts and roles.  Findings are of the profiles'
 * lines.  0, or error_set() with what is wrong with broker.conf's keys.
 */
int ends_check(const struct settings *settings, const struct profiles *profiles,
	       struct findings *findings, struct error *error);

/*
 * How broker.conf's `iam = off` leaves each profile: a warning for a role made
 * beforehand, an error for one that is to be made.  0, -ENOMEM.
 */
int ends_check_off(const struct profiles *profiles, struct findings *findings);

/*
 * Asks STS whose keys these are.  0, also where STS does not answer (then
 * *is_unreachable); or error_set() where there are none or AWS refuses them.
 */
int ends_check_keys(struct iam_access *access, const struct profiles *profiles,
		    bool *is_unreachable, struct error *error);

/*
 * Looks at every role made beforehand, in AWS: missing, good for longer than its
 * sessions, trusting others than this broker's grants; and at every account, whether
 * the broker's keys or its manager are of it.  issuer may be "" where it is not known.
 * 0, or -ENOMEM.
 */
int ends_check_roles(struct iam_access *access, const struct profiles *profiles,
		     const char *issuer, struct findings *findings);

#endif
