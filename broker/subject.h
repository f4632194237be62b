/* SPDX-License-Identifier: MIT */
#ifndef BROKER_SUBJECT_H
#define BROKER_SUBJECT_H

#include "base/options.h"
#include "broker/settings.h"
#include "policy/policy.h"

/*
 * What explain, simulate and policy speak of: a profile of a broker's
 * directory and values for its parameters.  Needs broker.conf and the
 * profiles alone; neither keys nor store are opened.
 */
struct subject {
	struct settings settings;
	char *path; /* of the profiles */
	struct profiles *profiles;
	const struct profile *profile; /* NULL: none was named */
	struct place place;
	struct binding *bindings; /* borrow from the arguments */
	size_t binding_count;
};

/*
 * From the arguments DIR [PROFILE [NAME=VALUE]...]: each value is checked, none
 * has to be given.  0, or error_set() with nothing to release.
 */
int subject_open(const struct options *options, struct subject *subject,
		 struct error *error);

/* Whether every parameter has a value.  0 or error_set(). */
int subject_check_whole(const struct subject *subject, struct error *error);

/* The value of a parameter, or NULL. */
const char *subject_value(const struct subject *subject, const char *name);

/*
 * The moment of an option such as --at; fallback without it.  0 or error_set().
 */
int subject_time(const struct options *options, const char *name, int64_t fallback,
		 int64_t *seconds, struct error *error);

/* The ARN of the role; of one made for each session with * for its name. */
char *subject_role_arn(const struct subject *subject);

void subject_done(struct subject *subject);

#endif
