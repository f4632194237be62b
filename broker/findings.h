/* SPDX-License-Identifier: MIT */
#ifndef BROKER_FINDINGS_H
#define BROKER_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * One thing that is wrong or dangerous in a profiles file.  Errors stop a
 * load; warnings do not.
 */
struct finding {
	bool is_error;
	unsigned int line;
	char *profile; /* or NULL */
	char *message; /* what is wrong and what could happen */
	char *instead; /* what to write instead, or NULL */
};

/* Past so many, no one reads on: more are dropped, an error is never forgotten. */
#define FINDINGS_MAX 200

struct findings {
	struct finding *list;
	size_t count;
	bool has_error;
};

/* Adds a finding; texts are copied (instead may be NULL).  0 or -ENOMEM. */
int findings_add(struct findings *findings, bool is_error, unsigned int line,
		 const char *profile, const char *instead, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
bool findings_have_error(const struct findings *findings);

/* Sorts by line, errors first within one. */
void findings_sort(struct findings *findings);
void findings_done(struct findings *findings);

#endif
