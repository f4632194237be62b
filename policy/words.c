/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "policy/service.h"

#define DAY_SECONDS ((int64_t)24 * 60 * 60)

size_t policy_statement_count(const struct scope *scope)
{
	return scope->count;
}

int policy_statement_words(const struct scope *scope, size_t index,
			   const struct binding *bindings, size_t count,
			   struct buffer *out)
{
	const struct statement *statement = &scope->statements[index];

	return statement->service->words(statement, bindings, count, out);
}

int policy_words(const struct scope *scope, const struct binding *bindings, size_t count,
		 struct buffer *out)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < scope->count; i++) {
		if (i > 0)
			r = buffer_add(out, "\n", 1);
		if (r == 0)
			r = policy_statement_words(scope, i, bindings, count, out);
	}
	return r;
}

int policy_until_words(int64_t ends_at, int64_t now, struct buffer *out)
{
	char text[TIME_TEXT_SIZE];

	time_format(ends_at, text);
	if (ends_at - now > DAY_SECONDS || ends_at < now)
		return buffer_print(out, "until %.10s %.5s UTC", text, text + 11);
	return buffer_print(out, "until %.5s UTC", text + 11);
}
