/* SPDX-License-Identifier: MIT */
#include "aws/sts-assume.h"

#include <string.h>

#include "aws/endpoint.h"
#include "aws/xml.h"
#include "base/cleanup.h"

#define LIFETIME_SECONDS "3600" /* what each role allows; chained ones no more */

static int call(struct http *http, const struct sts_service *service, const char *action,
		const struct signed_parameter *parameters, struct http_answer *answer,
		struct error *error)
{
	scoped(buffer_done) struct buffer form = BUFFER_WITH_LIMIT(SIGNED_FORM_MAX);
	struct endpoint endpoint;
	char code[QUERY_CODE_SIZE];
	int r = endpoint_sts(service->region, &endpoint, error);
	const struct signed_service sts = {
		.title = "STS",
		.name = "sts",
		.version = "2011-06-15",
		.url = service->url && *service->url ? service->url : endpoint.url,
		.region = endpoint.region,
		.ca_file = service->ca_file,
		.credentials = service->credentials,
		.deadline_ms = service->deadline_ms,
		.stop = service->stop,
	};

	if (r < 0)
		return r;
	if (signed_form_begin(&form, &sts, action, parameters) < 0)
		return error_set(error, ERROR_LIMIT, "too long a call of STS");
	return signed_call(http, &sts, &form, answer, code, error);
}

int sts_identity(struct http *http, const struct sts_service *service,
		 char account_id[static STS_ACCOUNT_SIZE], struct error *error)
{
	static const struct signed_parameter none[] = { { NULL, NULL } };
	scoped(http_answer_done) struct http_answer answer = HTTP_ANSWER_INIT;
	char account[STS_ACCOUNT_SIZE] = "";
	const struct xml_field fields[] = {
		{ "GetCallerIdentityResult/Account", account, sizeof(account) },
		{ NULL, NULL, 0 },
	};
	int r = call(http, service, "GetCallerIdentity", none, &answer, error);

	if (r < 0)
		return r;
	if (xml_read_fields(answer.body.bytes, answer.body.used, fields, NULL) < 0 ||
	    strspn(account, "0123456789") != STS_ACCOUNT_SIZE - 1)
		return error_set(error, ERROR_UNREACHABLE,
				 "the answer of STS names no account");
	memcpy(account_id, account, sizeof(account));
	return 0;
}

int sts_assume(struct http *http, const struct sts_service *service, const char *role_arn,
	       const char *session_name, struct sts_credentials *credentials,
	       struct error *error)
{
	const struct signed_parameter parameters[] = {
		{ "RoleArn", role_arn },
		{ "RoleSessionName", session_name },
		{ "DurationSeconds", LIFETIME_SECONDS },
		{ NULL, NULL },
	};
	scoped(http_answer_done) struct http_answer answer = HTTP_ANSWER_INIT;
	struct sts_outcome outcome;
	bool should_retry;
	int r = call(http, service, "AssumeRole", parameters, &answer, error);

	return r < 0 ? r
		     : sts_read_answer(answer.status, answer.body.bytes, answer.body.used,
				       credentials, &outcome, &should_retry, error);
}
