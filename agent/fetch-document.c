/* SPDX-License-Identifier: MIT */
#include "agent/fetch-document.h"

int fetch_document_render(const struct sts_credentials *credentials,
			  const char *account_id, int64_t ends_at_seconds,
			  const struct clock *clock, struct buffer *out,
			  int64_t *expire_at_seconds, struct error *error)
{
	int64_t now = clock_wall_seconds(clock) + FETCH_DOCUMENT_MARGIN_SECONDS;
	int64_t end = credentials->expires_at_seconds;
	char expiration[TIME_TEXT_SIZE];

	if (ends_at_seconds <= now)
		return error_set(error, ERROR_NO_SESSION,
				 "the session ends within %d s or has ended",
				 FETCH_DOCUMENT_MARGIN_SECONDS);
	if (end <= now)
		return error_set(error, ERROR_INTERNAL,
				 "by this machine's clock the credentials from STS are "
				 "over already");
	if (ends_at_seconds < end)
		end = ends_at_seconds;
	end -= FETCH_DOCUMENT_MARGIN_SECONDS;
	if (buffer_print(
		out,
		"{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"%s\","
		"\"SessionToken\":\"%s\",\"Expiration\":\"%s\",\"AccountId\":\"%s\"}"
		"\n",
		credentials->access_key_id, credentials->secret_access_key,
		credentials->session_token, time_format(end, expiration), account_id) < 0)
		return error_set(error, ERROR_INTERNAL,
				 "the credentials make too long a document");
	*expire_at_seconds = end;
	return 0;
}
