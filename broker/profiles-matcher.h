/* SPDX-License-Identifier: MIT */
#ifndef BROKER_PROFILES_MATCHER_H
#define BROKER_PROFILES_MATCHER_H

/*
 * A pattern ready to match: compiled once, when the profiles are loaded, and not
 * for every call.  Never changes once made; any thread may match with it.
 */
struct matcher;

/*
 * From a pattern that pattern_inspect() let pass.  0 and *matcher, the caller's;
 * -EINVAL if it is no POSIX extended expression, -ENOMEM.
 */
int matcher_new(const char *pattern, struct matcher **matcher);
void matcher_free(struct matcher *matcher); /* takes NULL */

/* Whether the whole of text matches.  1, 0, or -ENOMEM. */
int matcher_matches(const struct matcher *matcher, const char *text);

#endif
