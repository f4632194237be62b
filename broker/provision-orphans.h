/* SPDX-License-Identifier: MIT */
#ifndef BROKER_PROVISION_ORPHANS_H
#define BROKER_PROVISION_ORPHANS_H

#include "broker/duties.h"

/*
 * Roles of ours that the store does not know: what a store that was lost or set
 * back left in IAM.  They are found by path, by name and by our tags, get a row
 * like any other, and are destroyed.  A role without our tags is never touched.
 *
 * Looks at one path of the site's account that is due: at a start of the
 * broker, then once a day.  1 if there was one, 0 if not, or error_set() where
 * the store fails; a failure of IAM is written down, with when to try again.
 */
int provision_orphans_look(struct duty_site *site, struct error *error);

#endif
