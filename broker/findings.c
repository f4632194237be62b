/* SPDX-License-Identifier: MIT */
#include "broker/findings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int copy(const char *text, char **out)
{
	*out = text ? strdup(text) : NULL;
	return text && !*out ? -ENOMEM : 0;
}

static void finding_done(struct finding *finding)
{
	free(finding->profile);
	free(finding->message);
	free(finding->instead);
}

static int append(struct findings *findings, struct finding *finding)
{
	struct finding *list = reallocarray(findings->list, findings->count + 1,
					    sizeof(*list));

	if (!list)
		return -ENOMEM;
	findings->list = list;
	list[findings->count++] = *finding;
	return 0;
}

int findings_add(struct findings *findings, bool is_error, unsigned int line,
		 const char *profile, const char *instead, const char *format, ...)
{
	struct finding finding = { .is_error = is_error, .line = line };
	va_list arguments;
	int r;

	findings->has_error = findings->has_error || is_error;
	if (findings->count >= FINDINGS_MAX)
		return 0;
	va_start(arguments, format);
	r = vasprintf(&finding.message, format, arguments);
	va_end(arguments);
	if (r < 0) {
		finding.message = NULL;
		return -ENOMEM;
	}
	r = copy(profile, &finding.profile);
	if (r == 0)
		r = copy(instead, &finding.instead);
	if (r == 0)
		r = append(findings, &finding);
	if (r < 0)
		finding_done(&finding);
	return r;
}

bool findings_have_error(const struct findings *findings)
{
	return findings->has_error;
}

static int by_line(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->is_error != b->is_error)
		return a->is_error ? -1 : 1;
	return strcmp(a->message, b->message);
}

void findings_sort(struct findings *findings)
{
	if (findings->count)
		qsort(findings->list, findings->count, sizeof(*findings->list), by_line);
}

void findings_done(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		finding_done(&findings->list[i]);
	free(findings->list);
	*findings = (struct findings){ 0 };
}
