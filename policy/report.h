/* SPDX-License-Identifier: MIT */
#ifndef POLICY_REPORT_H
#define POLICY_REPORT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Where what is wrong or dangerous in a profile is told, with its line.  An
 * error stops a load, a warning doesn't.  One report sees a whole profile, so
 * a reader finds every mistake in one go.
 */
struct report {
	/* Keeps copies.  instead: what to write instead, or NULL.  0 or -ENOMEM. */
	int (*add)(void *data, bool is_error, unsigned int line, const char *instead,
		   const char *message);
	void *data;
	unsigned int errors;
	int failure; /* the first -ENOMEM of anything below */
};

void report_error(struct report *report, unsigned int line, const char *instead,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));
void report_warning(struct report *report, unsigned int line, const char *instead,
		    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Tells of a ${NAME} that is none of the profile's parameters. */
void report_unknown_parameter(struct report *report, unsigned int line, const char *name,
			      int length);
void report_failure(struct report *report, int failure);

/* 0, or -ENOMEM, or -EINVAL when an error was told. */
int report_result(const struct report *report);

#endif
