/* SPDX-License-Identifier: MIT */
#include "broker/profiles-matcher.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

struct matcher {
	regex_t regex;
};

/* Anchors go round parentheses of their own, so that an alternative stays inside. */
int matcher_new(const char *pattern, struct matcher **matcher)
{
	scoped(freep) struct matcher *new = calloc(1, sizeof(*new));
	scoped(freep) char *anchored = NULL;
	int r;

	if (!new)
		return -ENOMEM;
	if (asprintf(&anchored, "^(%s)$", pattern) < 0) {
		anchored = NULL;
		return -ENOMEM;
	}
	r = regcomp(&new->regex, anchored, REG_EXTENDED | REG_NOSUB);
	if (r != 0)
		return r == REG_ESPACE ? -ENOMEM : -EINVAL;
	*matcher = take(new);
	return 0;
}

void matcher_free(struct matcher *matcher)
{
	if (!matcher)
		return;
	regfree(&matcher->regex);
	free(matcher);
}

int matcher_matches(const struct matcher *matcher, const char *text)
{
	int r = regexec(&matcher->regex, text, 0, NULL, 0);

	return r == REG_ESPACE ? -ENOMEM : r == 0;
}
