/* SPDX-License-Identifier: MIT */
#include "policy/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

static void tell(struct report *report, bool is_error, unsigned int line,
		 const char *instead, const char *format, va_list arguments)
{
	char message[512];
	int r;

	if (vsnprintf(message, sizeof(message), format, arguments) < 0)
		return;
	r = report->add(report->data, is_error, line, instead, message);
	report->errors += is_error;
	if (r < 0)
		report_failure(report, r);
}

void report_error(struct report *report, unsigned int line, const char *instead,
		  const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(report, true, line, instead, format, arguments);
	va_end(arguments);
}

void report_warning(struct report *report, unsigned int line, const char *instead,
		    const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(report, false, line, instead, format, arguments);
	va_end(arguments);
}

void report_unknown_parameter(struct report *report, unsigned int line, const char *name,
			      int length)
{
	char copy[160];

	snprintf(copy, sizeof(copy), "%.*s", length, name);
	report_error(report, line, "the name of one of the profile's parameters",
		     "no parameter called %s", TEXT_ESCAPED(copy));
}

void report_failure(struct report *report, int failure)
{
	if (report->failure == 0)
		report->failure = failure;
}

int report_result(const struct report *report)
{
	if (report->failure < 0)
		return report->failure;
	return report->errors > 0 ? -EINVAL : 0;
}
