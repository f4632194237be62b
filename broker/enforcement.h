/* SPDX-License-Identifier: MIT */
#ifndef BROKER_ENFORCEMENT_H
#define BROKER_ENFORCEMENT_H

#include <jansson.h>

#include "broker/profiles.h"

/*
 * Who keeps each rule of a profile, in words: a list of {"rule", "by"}, a new
 * reference.  NULL when memory is short.
 */
json_t *enforcement_json(const struct profile *profile, bool has_iam);

#endif
